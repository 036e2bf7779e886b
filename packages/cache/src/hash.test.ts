import { expect, it } from 'vitest'
import { hashOf } from './hash.js'

it('spreads similar keys over 32 bits, evenly in the high and in the low ones', () => {
  const keys = Array.from({ length: 100_000 }, (_, index) => `room:state:${index}`)
  const hashes = keys.map(hashOf)
  // A random function of 100,000 keys to 32 bits has about 1.2 collisions.
  expect(new Set(hashes).size).toBeGreaterThan(100_000 - 10)
  for (const bucketOf of [
    (hash: number) => (hash >>> 0) % 100,
    (hash: number) => Math.floor(((hash >>> 0) / 2 ** 32) * 100),
  ]) {
    const counts = new Array<number>(100).fill(0)
    for (const hash of hashes) counts[bucketOf(hash)]!++
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1_150)
  }
})

it('gives the same signed whole number for the same string, wide or empty', () => {
  for (const text of ['', 'a', 'ключ', '鍵'.repeat(100)]) {
    const hash = hashOf(text)
    expect(hash).toBe(hashOf(`${text}`))
    expect(hash).toBe(hash | 0)
  }
})
