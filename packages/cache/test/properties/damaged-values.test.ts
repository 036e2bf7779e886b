import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CacheOptions, inProcessRemote, type RemoteFactory } from '../../src/index.js'
import { testCaches } from '../../src/testing/index.js'

/** What becomes of bytes when they are stored. */
type Damage = (bytes: Uint8Array) => Uint8Array

/** An in-process remote tier that stores damaged bytes. */
function damaging(damage: Damage): RemoteFactory {
  const inner = inProcessRemote()
  return {
    kind: inner.kind,
    open(context) {
      const tier = inner.open(context)
      const commit: typeof tier.commit = (one) =>
        tier.commit({ ...one, values: one.values.map((value) => ({ ...value, bytes: damage(value.bytes) })) })
      return new Proxy(tier, {
        get(target, name) {
          if (name === 'commit') return commit
          const member = Reflect.get(target, name)
          return typeof member === 'function' ? member.bind(target) : member
        },
      })
    },
  }
}

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => () => bytes),
  place.map((share) => (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length * share))),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([share, noise]) => (bytes: Uint8Array) => {
    const changed = Uint8Array.from(bytes)
    const at = Math.floor(share * bytes.length)
    for (const [index, byte] of noise.entries()) if (at + index < changed.length) changed[at + index]! ^= byte
    return changed
  }),
  fc
    .uint8Array({ minLength: 1, maxLength: 50 })
    .map((more) => (bytes: Uint8Array) => Uint8Array.from([...bytes, ...more])),
)

const values = fc.oneof(
  fc.jsonValue(),
  fc.string({ minLength: 2_000, maxLength: 4_000 }),
  fc.date({ noInvalidDate: true }),
)

async function check(value: unknown, damage: Damage, options: CacheOptions): Promise<void> {
  const caches = testCaches()
  const remote = damaging(damage)
  try {
    const writer = await caches.open({ ...options, remote })
    const reader = await caches.open({ ...options, remote })
    const reasons: string[] = []
    reader.on('damaged', ({ reason }) => reasons.push(reason))
    await caches.settle(writer.set('k', { value }))
    const found = await caches.settle(reader.getOrLoad('k', () => 'from the origin'))
    if (found === 'from the origin') {
      // A byte of the envelope says that the value was softly expired, which is a miss without damage.
      const { damagedValues, misses } = reader.stats().total
      expect([damagedValues, misses]).toEqual([reasons.length, 1])
      for (const reason of reasons) expect(reason).toMatch(/^damaged value: /)
    } else expect(found).toEqual({ value })
  } finally {
    await caches.close()
  }
}

describe('a value that was damaged in the remote tier', () => {
  it('is a reported miss, whatever the bytes are: never another value, never an error', async () => {
    await fc.assert(
      fc.asyncProperty(values, damages, (value, damage) => check(value, damage, {})),
      { numRuns: 150 },
    )
  })

  it('is one as well when values are encrypted', async () => {
    const encryption = { keys: [{ id: 'a', secret: randomBytes(32) }] }
    await fc.assert(
      fc.asyncProperty(values, damages, (value, damage) => check(value, damage, { encryption })),
      { numRuns: 100 },
    )
  })

  it('does not keep a read for ever when it is damaged only on its way, so that it is never what is in place', async () => {
    const caches = testCaches()
    const inner = inProcessRemote()
    const altering: RemoteFactory = {
      kind: inner.kind,
      open: (context) =>
        new Proxy(inner.open(context), {
          get(target, name) {
            if (name === 'get') {
              return async (keys: readonly string[]) =>
                (await target.get(keys)).map((bytes) => bytes?.map((byte) => byte ^ 1))
            }
            const member = Reflect.get(target, name)
            return typeof member === 'function' ? member.bind(target) : member
          },
        }),
    }
    try {
      const writer = await caches.open({ remote: inner })
      const reader = await caches.open({ remote: altering })
      await caches.settle(writer.set('k', 'value'))
      expect(await caches.settle(reader.getOrLoad('k', () => 'from the origin'))).toBe('from the origin')
    } finally {
      await caches.close()
    }
  })
})
