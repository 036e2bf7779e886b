import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slotColumns } from './eviction.js'
import { lru } from './lru.js'

describe('LRU', () => {
  it('gives up what was not used for longest, whatever was inserted, used, overwritten and removed', () => {
    const step = fc.record({
      action: fc.constantFrom('insert', 'touch', 'replace', 'remove', 'evict'),
      slot: fc.nat(15),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const policy = lru({ maxEntries: 16, maxBytes: 1_600 })
        policy.grow(slotColumns(16))
        /** From the first to go to the last used. */
        let order: number[] = []
        for (const { action, slot } of steps) {
          const isHeld = order.includes(slot)
          if (action === 'evict') expect(policy.evict(0, 100)).toBe(order.shift() ?? -1)
          else if (action === 'insert' ? isHeld : !isHeld) continue
          else {
            order = order.filter((one) => one !== slot)
            if (action !== 'remove') order.push(slot)
            if (action === 'insert') policy.insert(slot)
            else if (action === 'touch') policy.touch(slot)
            else if (action === 'replace') policy.replace(slot)
            else policy.remove(slot)
          }
        }
        for (const slot of order) expect(policy.evict(0, 100)).toBe(slot)
        expect(policy.evict(0, 100)).toBe(-1)
      }),
    )
  })
})
