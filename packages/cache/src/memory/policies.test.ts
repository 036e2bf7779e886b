import { describe, expect, it } from 'vitest'
import { evictionContract } from '../testing/eviction-contract.js'
import { createEviction, EVICTION_POLICIES } from './policies.js'

for (const policy of EVICTION_POLICIES) {
  describe(`the contract of eviction policies, by ${policy}`, () => {
    for (const { name, run } of evictionContract) it(name, () => run((limits) => createEviction(policy, limits)))
  })
}

describe('eviction policies', () => {
  it('are listed by name, the default among them', () => {
    expect(EVICTION_POLICIES).toContain('lru')
  })
})
