import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOf } from './hash.js'
import { type Keyed, KeyTable } from './key-table.js'

const itemOf = (key: string): Keyed => ({ key, hash: hashOf(key) })

describe('key table', () => {
  it('holds what a Map holds, in any order of events', () => {
    const event = fc.record({ key: fc.integer({ min: 0, max: 300 }), what: fc.constantFrom('set', 'set', 'delete') })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 600 }), (events) => {
        const table = new KeyTable()
        const model = new Map<string, Keyed>()
        for (const { key: number, what } of events) {
          const key = `key:${number}`
          const known = model.get(key)
          if (what === 'set') {
            const item = itemOf(key)
            table.set(item)
            model.set(key, item)
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
    const table = new KeyTable()
    const rush = Array.from({ length: 50_000 }, (_, at) => itemOf(`key:${at}`))
    for (const item of rush) table.set(item)
    expect(table.all()).toHaveLength(50_000)
    for (const item of rush) table.delete(item)
    expect(table.all()).toEqual([])
    table.set(rush[7]!)
    expect(table.get('key:7')).toBe(rush[7])
    expect(table.get('key:8')).toBeUndefined()
  })

  it('is not changed by what happens while its items are looked through', () => {
    const table = new KeyTable()
    const items = ['a', 'b', 'c'].map(itemOf)
    for (const item of items) table.set(item)
    const seen = table.all()
    for (const item of items) table.delete(item)
    expect(new Set(seen)).toEqual(new Set(items))
  })
})
