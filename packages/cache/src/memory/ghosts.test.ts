import { describe, expect, it } from 'vitest'
import { hashOf } from '../hash.js'
import { Ghosts } from './ghosts.js'

const LIMIT = 10_000

/** Ghosts of the keys 0 to `count` - 1, which went in this order. */
function ghostsOf(count: number): Ghosts {
  const ghosts = new Ghosts()
  ghosts.reserve(LIMIT)
  for (let key = 0; key < count; key++) ghosts.add(hashOf(`key ${key}`))
  return ghosts
}

/** How many of the keys from `first` on are taken for ghosts. */
function taken(ghosts: Ghosts, first: number, count: number): number {
  let found = 0
  for (let key = first; key < first + count; key++) if (ghosts.take(hashOf(`key ${key}`), LIMIT)) found++
  return found
}

describe('ghosts', () => {
  it('know nothing to begin with', () => {
    expect(taken(new Ghosts(), 0, 10)).toBe(0)
    expect(taken(ghostsOf(0), 0, 10)).toBe(0)
  })

  it('remember what went last, and most of what went within the limit', () => {
    expect(taken(ghostsOf(50_000), 49_990, 10)).toBe(10)
    expect(taken(ghostsOf(50_000), 45_000, 5_000)).toBeGreaterThan(4_700)
    expect(taken(ghostsOf(50_000), 40_000, 10_000)).toBeGreaterThan(8_000)
  })

  it('forget what went before that, and what came back', () => {
    const ghosts = ghostsOf(100_000)
    expect(taken(ghosts, 0, 89_900)).toBeLessThan(20)
    expect(taken(ghosts, 99_000, 1_000)).toBeGreaterThan(990)
    expect(taken(ghosts, 99_000, 1_000)).toBe(0)
  })

  it('find what went last under a key that had gone before and was not forgotten', () => {
    const ghosts = ghostsOf(1)
    expect(ghosts.take(hashOf('key 0'), 0)).toBe(false)
    for (let key = 1; key < 5_000; key++) ghosts.add(hashOf(`key ${key}`))
    ghosts.add(hashOf('key 0'))
    expect(ghosts.take(hashOf('key 0'), 1_000)).toBe(true)
    expect(ghosts.take(hashOf('key 0'), LIMIT)).toBe(false)
  })

  it('take hardly any other key for one of them', () => {
    expect(taken(ghostsOf(LIMIT), 1_000_000, 100_000)).toBeLessThan(20)
  })
})
