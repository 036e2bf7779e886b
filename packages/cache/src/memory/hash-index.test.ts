import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hashOf } from '../hash.js'
import { HashIndex } from './hash-index.js'

/** An index with the column of hashes that it needs, and what a naive one would hold. */
class OwnedIndex {
  readonly index = new HashIndex()
  readonly held = new Map<number, number>()
  #hashes = new Int32Array(0)

  add(id: number, hash: number): void {
    if (id >= this.#hashes.length) this.#grow(Math.max(8, id * 2))
    this.#hashes[id] = hash
    this.held.set(id, hash)
    this.index.add(id)
  }

  remove(id: number): void {
    this.index.remove(id)
    this.held.delete(id)
  }

  /** Ids that are found under a hash, without those that only resemble it. */
  under(hash: number): number[] {
    const ids: number[] = []
    for (let id = this.index.first(hash); id !== -1; id = this.index.next(id, hash)) ids.push(id)
    return ids.filter((id) => this.#hashes[id] === hash).sort((a, b) => a - b)
  }

  expected(hash: number): number[] {
    return [...this.held].filter(([, one]) => one === hash).map(([id]) => id)
  }

  #grow(length: number): void {
    const hashes = new Int32Array(length)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.index.grow(hashes)
  }
}

it('finds what a naive index would, whichever hashes meet in a chain', () => {
  // Few bits of each end, so that chains, marks and whole hashes collide.
  const hash = fc.tuple(fc.nat(255), fc.nat(63)).map(([mark, end]) => (mark << 24) | end)
  const step = fc.record({ id: fc.nat(199), hash, isRemoval: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 400 }), hash, (steps, absent) => {
      const owned = new OwnedIndex()
      for (const { id, hash, isRemoval } of steps) {
        const known = owned.held.get(id)
        if (known === undefined) owned.add(id, hash)
        else if (isRemoval) owned.remove(id)
        for (const one of [hash, known ?? absent])
          expect(owned.under(one)).toEqual(owned.expected(one).sort((a, b) => a - b))
        expect(owned.index.size).toBe(owned.held.size)
      }
      for (const one of [absent, ...owned.held.values()]) {
        const found = owned.index.find(one)
        expect(found === -1 ? undefined : owned.held.get(found)).toBe(owned.expected(one).length > 0 ? one : undefined)
      }
    }),
  )
})

it('finds everything at every moment of its growth, and after all of it has gone again', () => {
  const owned = new OwnedIndex()
  const hashes = Array.from({ length: 3_000 }, (_, id) => hashOf(`key:${id}`))
  const lost: number[] = []
  for (const [id, hash] of hashes.entries()) {
    owned.add(id, hash)
    for (let one = 0; one <= id; one += 37) if (owned.index.find(hashes[one]!) !== one) lost.push(one)
  }
  expect(lost).toEqual([])
  for (let id = 0; id < hashes.length; id += 2) owned.remove(id)
  expect(hashes.map((hash) => owned.index.find(hash))).toEqual(hashes.map((_, id) => (id % 2 === 0 ? -1 : id)))
  for (let id = 1; id < hashes.length; id += 2) owned.remove(id)
  expect(owned.index.size).toBe(0)
  expect(hashes.some((hash) => owned.index.find(hash) !== -1)).toBe(false)
})

it('divides its chains so early that hardly anything else is looked at', () => {
  const owned = new OwnedIndex()
  const hashes = Array.from({ length: 20_000 }, (_, id) => hashOf(`key:${id}`))
  for (const [id, hash] of hashes.entries()) owned.add(id, hash)
  // By the mark of another hash that ends alike, a chain shows only those that have that mark: all marks, all of it.
  let inChains = 0
  for (const hash of hashes.slice(0, 500)) {
    for (let mark = 0; mark < 256; mark++) {
      const asked = (hash & 0xff_ffff) | (mark << 24)
      for (let id = owned.index.first(asked); id !== -1; id = owned.index.next(id, asked)) inChains++
    }
  }
  // Itself, and half as many others as there may be keys for each chain.
  expect(inChains / 500).toBeLessThan(1.6)
})
