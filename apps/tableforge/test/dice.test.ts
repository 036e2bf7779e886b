import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rollDice } from '../src/domain/dice.js'

describe('dice', () => {
  it('adds what is rolled and what is constant', () => {
    const roll = rollDice('2d6+3', () => 4)
    expect(roll.total).toBe(11)
    expect(roll.terms).toEqual([
      {
        sign: 1,
        sides: 6,
        rolls: [
          { value: 4, dropped: false },
          { value: 4, dropped: false },
        ],
      },
      { sign: 1, sides: 0, rolls: [{ value: 3, dropped: false }] },
    ])
  })

  it('subtracts terms with a minus, takes a missing count for one and % for a hundred', () => {
    expect(rollDice('d20-d%-5', (sides) => sides).total).toBe(20 - 100 - 5)
  })

  it('counts only the highest or lowest dice that are kept', () => {
    const values = [3, 6, 1, 5]
    const die = () => values[index++ % 4]!
    let index = 0
    expect(rollDice('4d6kh3', die).total).toBe(14)
    index = 0
    const lowest = rollDice('4d6kl1', die)
    expect(lowest.total).toBe(1)
    expect(lowest.terms[0]?.rolls.filter(({ dropped }) => dropped)).toHaveLength(3)
  })

  it('stays within its bounds for every valid notation', () => {
    const term = fc.record({
      count: fc.integer({ min: 1, max: 20 }),
      sides: fc.integer({ min: 2, max: 1_000 }),
      plus: fc.integer({ min: 0, max: 99 }),
    })
    fc.assert(
      fc.property(term, ({ count, sides, plus }) => {
        const { total } = rollDice(`${count}d${sides}+${plus}`)
        expect(total).toBeGreaterThanOrEqual(count + plus)
        expect(total).toBeLessThanOrEqual(count * sides + plus)
      }),
    )
  })

  it.each([
    ['', 'got nothing'],
    ['2x6', '"2x6"'],
    ['2d6+', '""'],
    ['101d6', 'at most 100 dice, got 101'],
    ['1d1', '2 to 1000 sides, got 1'],
    ['0d6', 'at least one die'],
    ['2d6kh3', 'keep 1 to 2 dice, got 3'],
    ['1+1+1+1+1+1+1+1+1+1+1', 'at most 10 terms'],
    ['99999', 'numbers up to 10000'],
  ])('refuses %j and says what is wrong', (notation, message) => {
    expect(() => rollDice(notation)).toThrow(message)
  })

  it('never fails otherwise than by a refusal, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (notation) => {
        try {
          rollDice(notation)
        } catch (error) {
          expect((error as Error).name).toBe('Refusal')
        }
      }),
    )
  })
})
