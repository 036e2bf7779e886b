import type { Roll } from '../../../src/protocol.js'
import { Die } from './Die.js'

/** More dice than this are counted, not drawn. */
const DRAWN = 12

/** A roll: its dice, what was added, and the sum. */
export function RollResult({ roll }: { roll: Roll }) {
  return (
    <span className="roll">
      <RollDice roll={roll} size={34} />
      <span className="roll-sum">
        <span className="soft">{roll.notation}</span>
        <span className="hidden-visually"> is </span>
        <strong className="figure">{roll.total}</strong>
      </span>
    </span>
  )
}

/** The dice of a roll as they lie there, and what is added to them. */
export function RollDice({ roll, size }: { roll: Roll; size: number }) {
  const dice = diceOf(roll)
  const constant = roll.terms
    .filter((term) => term.sides === 0)
    .reduce((sum, term) => sum + term.sign * term.rolls.reduce((all, one) => all + one.value, 0), 0)
  return (
    <span className="roll-dice" aria-hidden="true">
      {dice.slice(0, DRAWN).map((die, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the dice of a roll never change their order
        <Die key={index} sides={die.sides} value={die.value} dropped={die.dropped} size={size} />
      ))}
      {dice.length > DRAWN && <span className="fine">and {dice.length - DRAWN} more</span>}
      {constant !== 0 && (
        <span className="roll-constant">
          {constant > 0 ? '+' : '−'}
          {Math.abs(constant)}
        </span>
      )}
    </span>
  )
}

export const diceOf = (roll: Roll) =>
  roll.terms.flatMap((term) => (term.sides === 0 ? [] : term.rolls.map((one) => ({ ...one, sides: term.sides }))))
