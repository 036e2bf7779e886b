import { randomInt } from 'node:crypto'
import type { Roll } from '../protocol.js'
import { badRequest } from './refusal.js'

const MAX_DICE = 100
const MAX_SIDES = 1_000
const MAX_TERMS = 10
const MAX_CONSTANT = 10_000
const TERM = /^(?:(\d{0,4})d(\d{1,5}|%)(?:(kh|kl)(\d{1,4}))?|(\d{1,6}))$/

type Term = { readonly sign: 1 | -1 } & (
  | { readonly constant: number }
  | { readonly constant?: undefined; readonly count: number; readonly sides: number; readonly keep: Keep }
)
/** How many of the dice count, and which. */
type Keep = { readonly which: 'highest' | 'lowest'; readonly count: number }

/**
 * Rolls dice on the server. Notation: terms joined by `+` and `-`, each a number or `NdS`: N dice (default 1, at most
 * 100 in all) of S sides (2 to 1,000, `%` for 100), with `khK` or `klK` only the K highest or lowest count. `2d6+3`,
 * `d20`, `4d6kh3`, `d%-5`. Refuses anything else with a message that quotes the offending part. `die(sides)` returns 1
 * to `sides`, by default from a cryptographic generator.
 */
export function rollDice(notation: string, die: (sides: number) => number = (sides) => randomInt(1, sides + 1)): Roll {
  let total = 0
  const terms = parse(notation).map((term) => {
    if (term.constant !== undefined) {
      total += term.sign * term.constant
      return { sign: term.sign, sides: 0, rolls: [{ value: term.constant, dropped: false }] }
    }
    const rolls = keep(
      Array.from({ length: term.count }, () => die(term.sides)),
      term.keep,
    )
    for (const roll of rolls) if (!roll.dropped) total += term.sign * roll.value
    return { sign: term.sign, sides: term.sides, rolls }
  })
  return { notation: notation.replaceAll(' ', ''), total, terms }
}

function keep(values: readonly number[], { which, count }: Keep): { value: number; dropped: boolean }[] {
  const order = values.map((value, index) => ({ value, index }))
  order.sort((a, b) => (which === 'highest' ? b.value - a.value : a.value - b.value))
  const kept = new Set(order.slice(0, count).map(({ index }) => index))
  return values.map((value, index) => ({ value, dropped: !kept.has(index) }))
}

function parse(notation: string): Term[] {
  const text = notation.replaceAll(' ', '').toLowerCase()
  if (text === '') throw badRequest('Dice: expected something like 2d6+3, got nothing.')
  const parts = [...text.matchAll(/([+-]?)([^+-]*)/g)].filter(([whole]) => whole !== '')
  if (parts.length > MAX_TERMS) throw badRequest(`Dice: expected at most ${MAX_TERMS} terms, got ${parts.length}.`)
  const terms = parts.map(([, sign, body]) => parseTerm(sign === '-' ? -1 : 1, body ?? ''))
  const dice = terms.reduce((sum, term) => sum + (term.constant === undefined ? term.count : 0), 0)
  if (dice > MAX_DICE) throw badRequest(`Dice: expected at most ${MAX_DICE} dice, got ${dice}.`)
  return terms
}

function parseTerm(sign: 1 | -1, body: string): Term {
  const match = TERM.exec(body)
  if (match === null) {
    throw badRequest(
      `Dice: expected a number or something like 2d6, d20, 4d6kh3, got ${JSON.stringify(body.slice(0, 20))}.`,
    )
  }
  const [, count, sides, which, kept, constant] = match
  if (constant !== undefined) {
    if (Number(constant) > MAX_CONSTANT)
      throw badRequest(`Dice: expected numbers up to ${MAX_CONSTANT}, got ${constant}.`)
    return { sign, constant: Number(constant) }
  }
  const dice = count === '' ? 1 : Number(count)
  const faces = sides === '%' ? 100 : Number(sides)
  if (dice < 1) throw badRequest(`Dice: expected at least one die, got ${body}.`)
  if (faces < 2 || faces > MAX_SIDES) throw badRequest(`Dice: expected 2 to ${MAX_SIDES} sides, got ${faces}.`)
  const keeps = kept === undefined ? dice : Number(kept)
  if (keeps < 1 || keeps > dice) throw badRequest(`Dice: expected to keep 1 to ${dice} dice, got ${keeps} in ${body}.`)
  return { sign, count: dice, sides: faces, keep: { which: which === 'kl' ? 'lowest' : 'highest', count: keeps } }
}
