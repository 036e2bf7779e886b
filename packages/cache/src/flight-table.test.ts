import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlightTable } from './flight-table.js'
import { Flight } from './flights.js'

const flightOf = (key: string) => new Flight(key, 0, 0, 0, true)

describe('flight table', () => {
  it('holds what a Map holds, in any order of events', () => {
    const event = fc.record({ key: fc.integer({ min: 0, max: 300 }), what: fc.constantFrom('set', 'set', 'delete') })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 600 }), (events) => {
        const table = new FlightTable()
        const model = new Map<string, Flight>()
        for (const { key: number, what } of events) {
          const key = `key:${number}`
          const known = model.get(key)
          if (what === 'set') {
            const flight = flightOf(key)
            table.set(flight)
            model.set(key, flight)
          } else if (known !== undefined) {
            table.delete(known)
            model.delete(key)
          }
          expect(table.get(key)).toBe(model.get(key))
        }
        for (let number = 0; number <= 300; number++)
          expect(table.get(`key:${number}`)).toBe(model.get(`key:${number}`))
        expect(new Set(table.all())).toEqual(new Set(model.values()))
      }),
      { numRuns: 200 },
    )
  })

  it('is as it was after a rush', () => {
    const table = new FlightTable()
    const rush = Array.from({ length: 50_000 }, (_, at) => flightOf(`key:${at}`))
    for (const flight of rush) table.set(flight)
    expect(table.all()).toHaveLength(50_000)
    for (const flight of rush) table.delete(flight)
    expect(table.all()).toEqual([])
    table.set(rush[7]!)
    expect(table.get('key:7')).toBe(rush[7])
    expect(table.get('key:8')).toBeUndefined()
  })

  it('is not changed by what happens while its flights are looked through', () => {
    const table = new FlightTable()
    const flights = ['a', 'b', 'c'].map(flightOf)
    for (const flight of flights) table.set(flight)
    const seen = table.all()
    for (const flight of flights) table.delete(flight)
    expect(new Set(seen)).toEqual(new Set(flights))
  })
})
