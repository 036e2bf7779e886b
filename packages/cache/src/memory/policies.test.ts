import { describe, expect, it } from 'vitest'
import { MEMORY_POLICIES } from '../options.js'
import { evictionContract } from '../testing/eviction-contract.js'
import { createEviction } from './policies.js'

for (const policy of MEMORY_POLICIES) {
  describe(`the contract of eviction policies, by ${policy}`, () => {
    for (const { name, run } of evictionContract) it(name, () => run((limits) => createEviction(policy, limits)))
  })
}

describe('eviction policies', () => {
  it('are listed by name, the default among them', () => {
    expect(MEMORY_POLICIES).toContain('lru')
  })
})
