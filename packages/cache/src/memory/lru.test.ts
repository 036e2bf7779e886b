import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evictionContract } from '../testing/eviction-contract.js'
import { lru } from './lru.js'

describe('the contract of eviction policies, by LRU', () => {
  for (const { name, run } of evictionContract) it(name, () => run(lru))
})

describe('LRU', () => {
  it('gives up what was not used for longest, whatever was inserted, used, overwritten and removed', () => {
    const step = fc.record({
      action: fc.constantFrom('insert', 'touch', 'replace', 'remove', 'evict'),
      slot: fc.nat(15),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const policy = lru({ maxEntries: 16, maxBytes: 1_600 })
        policy.grow(16)
        /** From the first to go to the last used. */
        let order: number[] = []
        for (const { action, slot } of steps) {
          const isHeld = order.includes(slot)
          if (action === 'evict') expect(policy.evict(0)).toBe(order.shift() ?? -1)
          else if (action === 'insert' ? isHeld : !isHeld) continue
          else {
            order = order.filter((one) => one !== slot)
            if (action !== 'remove') order.push(slot)
            if (action === 'insert') policy.insert(slot, 0, 100)
            else if (action === 'touch') policy.touch(slot)
            else if (action === 'replace') policy.replace(slot, 50)
            else policy.remove(slot)
          }
        }
        for (const slot of order) expect(policy.evict(0)).toBe(slot)
        expect(policy.evict(0)).toBe(-1)
      }),
    )
  })
})
