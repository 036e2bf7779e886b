import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cache, CacheError, type CacheOptions, inProcessRemote } from '../../src/index.js'
import { joinKey } from '../../src/keys.js'
import { createVirtualClock, testCaches } from '../../src/testing/index.js'
import { globModel } from './glob-model.js'
import { acceptable, anyName, names, SPECIAL_NAMES } from './names.js'

/** Two nodes of one namespace, and one of another whose name begins with it, on one remote tier. */
async function world() {
  const caches = testCaches(createVirtualClock())
  const remote = inProcessRemote()
  const options: CacheOptions = { remote, namespace: 'ns' }
  const [a, b, other] = [
    await caches.open(options),
    await caches.open(options),
    await caches.open({ remote, namespace: 'ns.2' }),
  ]
  return { caches, settle: caches.settle, clock: caches.clock, remote, a, b, other }
}

type World = Awaited<ReturnType<typeof world>>

async function inWorld(test: (world: World) => Promise<void>): Promise<void> {
  const made = await world()
  try {
    await test(made)
  } finally {
    await made.caches.close()
  }
}

/** The values that a cache finds under the keys: once where memory may answer, once where it may not. */
async function found({ settle }: World, cache: Cache, keys: readonly string[]): Promise<unknown[][]> {
  const memory = await settle(cache.getMany(keys))
  const remote = await settle(cache.getMany(keys, { freshness: 'remote' }))
  return [memory, remote]
}

const twice = <T>(values: T[]) => [values, values]

async function refusal(promise: () => Promise<unknown>): Promise<CacheError> {
  const error = await promise().then(
    () => expect.fail('expected a refusal'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CacheError)
  return error as CacheError
}

const runs = { numRuns: 150, examples: [[SPECIAL_NAMES.filter(acceptable)]] as [string[]][] }

describe('a key of any text', () => {
  it('names its entry and no other, in memory and in the remote tier', async () => {
    await fc.assert(
      fc.asyncProperty(names, (keys) =>
        inWorld(async (made) => {
          const { a, b, settle } = made
          await settle(a.setMany(keys.map((key, index) => [key, index])))
          // The message of the set would take out of memory again what was read before it came.
          await made.clock.advance(10)
          const values = keys.map((_, index) => index)
          for (const node of [a, b]) expect(await found(made, node, keys)).toEqual(twice(values))
          const [gone] = keys as [string, ...string[]]
          const { memory, remote } = await settle(b.inspect(gone))
          expect([memory?.state, remote?.state]).toEqual(['fresh', 'fresh'])
          await settle(a.delete(gone))
          const left: (number | undefined)[] = [...values]
          left[0] = undefined
          // The other node hears of it by message, which is on its way.
          await made.clock.advance(10)
          for (const node of [a, b]) expect(await found(made, node, keys)).toEqual(twice(left))
          expect(await settle(b.inspect(gone))).toMatchObject({ memory: undefined, remote: undefined })
        }),
      ),
      runs,
    )
  })

  it('or else is refused with the reason, by everything that takes a key', async () => {
    await inWorld(async ({ a, settle }) => {
      await fc.assert(
        fc.asyncProperty(
          anyName.filter((name) => !acceptable(name)),
          async (key) => {
            const load = async () => 1
            const ways = [
              () => a.get(key),
              () => a.getMany(['fine', key]),
              () => a.getOrLoad(key, load),
              () => a.has(key),
              () => a.set(key, 1),
              () =>
                a.setMany([
                  ['fine', 1],
                  [key, 1],
                ]),
              () => a.delete(key),
              () => a.invalidate({ key }),
              () => a.invalidate({ keys: ['fine', key] }),
              () => a.inspect(key),
            ]
            for (const way of ways) {
              const error = await settle(refusal(way))
              expect(error.code).toBe('invalid-key')
              expect(error.message).toMatch(/^key: expected (at least one|at most 2048|well-formed)/)
              expect(error.message.length).toBeLessThan(200)
            }
            for (const [kind, way] of [
              ['tag', () => a.invalidate({ tag: key })],
              ['tag', () => a.set('fine', 1, { tags: [key] })],
              ['pattern', () => a.invalidate({ pattern: key })],
            ] as const) {
              const error = await settle(refusal(way))
              expect(error.code).toBe('invalid-key')
              expect(error.message).toMatch(new RegExp(`^${kind}: expected `))
            }
            expect(a.peek(key)).toBeUndefined()
            expect(await settle(a.get('fine'))).toBeUndefined()
          },
        ),
        { numRuns: 60, examples: SPECIAL_NAMES.filter((name) => !acceptable(name)).map((name) => [name]) },
      )
    })
  })

  it('made of parts is another for other parts, whatever they contain', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', ':', '%', '25', '3A', '\0', '😀') }), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(parts, parts, (one, two) => {
        const same = JSON.stringify(one) === JSON.stringify(two)
        // Nothing at all is the definition itself, and so is one empty part.
        expect(joinKey('d', one) === joinKey('d', two)).toBe(same)
      }),
      { numRuns: 2_000 },
    )
  })
})

it('a text where a list of texts is wanted is refused, instead of its characters being taken for names', async () => {
  await inWorld(async ({ a, settle }) => {
    const list = 'abc' as unknown as string[]
    for (const [name, way] of [
      ['invalidate.keys', () => a.invalidate({ keys: list })],
      ['invalidate.tags', () => a.invalidate({ tags: list })],
      ['options.tags', () => a.set('k', 1, { tags: list })],
    ] as const) {
      const { code, message } = await settle(refusal(way))
      expect([code, message]).toEqual(['invalid-option', `${name}: expected an array of strings, got "abc"`])
    }
  })
})

it('a tag of any text covers the entries that carry it and no others, in memory and in the remote tier', async () => {
  await fc.assert(
    fc.asyncProperty(names, (tags) =>
      inWorld(async (made) => {
        const { a, b, clock, settle } = made
        const keys = tags.map((_, index) => `k${index}`)
        for (const [index, key] of keys.entries())
          await settle(a.set(key, index, { tags: [tags[index] as string, 'all'] }))
        const values: (number | undefined)[] = keys.map((_, index) => index)
        expect(await found(made, b, keys)).toEqual(twice(values))
        await settle(b.invalidate({ tag: tags[0] as string }))
        await clock.advance(10)
        values[0] = undefined
        for (const node of [a, b]) expect(await found(made, node, keys)).toEqual(twice(values))
        expect((await settle(a.inspect('k0'))).remote?.state).toBe('invalid')
      }),
    ),
    runs,
  )
})

describe('a pattern of any text', () => {
  /**
   * Globs that have to do with the keys: their texts, with characters put in or taken out for stars and question marks.
   */
  const related = (keys: readonly string[]) =>
    fc
      .tuple(fc.constantFrom(...keys), fc.nat(), fc.constantFrom('*', '?', '\\', '**', '?*'), fc.boolean())
      .map(([key, place, inserted, replaces]) => {
        const characters = [...key]
        characters.splice(place % (characters.length + 1), replaces ? 1 : 0, inserted)
        return characters.join('')
      })
      .filter(acceptable)

  const cases = names.chain((keys) =>
    fc.tuple(
      fc.constant(keys),
      fc.oneof(
        names.map(([name]) => name as string),
        related(keys),
      ),
    ),
  )

  it('covers exactly the keys that a naive reading of the glob covers: at once, and when it was swept', async () => {
    await fc.assert(
      fc.asyncProperty(cases, ([keys, pattern]) =>
        inWorld(async (made) => {
          const { a, b, clock, settle } = made
          await settle(a.setMany(keys.map((key) => [key, 1])))
          await found(made, b, keys)
          await settle(b.invalidate({ pattern }))
          await clock.advance(10)
          const model = globModel(pattern)
          const left = keys.map((key) => (model.test(key) ? undefined : 1))
          for (const node of [a, b]) expect(await found(made, node, keys)).toEqual(twice(left))
          await clock.advance(11_000)
          for (const node of [a, b]) expect(await found(made, node, keys)).toEqual(twice(left))
          for (const [index, key] of keys.entries())
            expect((await settle(a.inspect(key))).remote?.state).toBe(left[index] === 1 ? 'fresh' : undefined)
        }),
      ),
      { numRuns: 150 },
    )
  })

  it('as a regular expression with everything escaped covers the key that it spells, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(names, (keys) =>
        inWorld(async (made) => {
          const { a, b, clock, settle } = made
          const [first] = keys as [string, ...string[]]
          const source = `^${first.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&')}$`
          fc.pre(source.length <= 2_000)
          await settle(a.setMany(keys.map((key) => [key, 1])))
          await found(made, b, keys)
          await settle(a.invalidate({ regex: new RegExp(source, 'u') }))
          await clock.advance(10)
          const left = keys.map((key) => (key === first ? undefined : 1))
          for (const node of [a, b]) expect(await found(made, node, keys)).toEqual(twice(left))
        }),
      ),
      { numRuns: 100 },
    )
  })

  it('is refused when it is issued, with the reason, and then covers nothing and is sent to nobody', async () => {
    await inWorld(async ({ a, b, settle }) => {
      await settle(a.set('k', 1))
      const { seq } = await settle(a.set('l', 1))
      for (const regex of [/(?=k)/, /(k)\1/, /(?<n>k)\k<n>/, /k{2000}/, 'k' as unknown as RegExp]) {
        const error = await settle(refusal(() => a.invalidate({ key: 'k', regex })))
        expect(error.message).toMatch(/regex: expected /)
      }
      expect(await settle(b.getMany(['k', 'l'], { freshness: 'remote' }))).toEqual([1, 1])
      expect(b.stats().log.applied).toBe(seq)
    })
  })
})

it('two namespaces on one remote tier never touch each other, whatever is invalidated in one', async () => {
  const everything = [
    (cache: Cache, _: readonly string[]) => cache.clear(),
    (cache: Cache) => cache.invalidate({ pattern: '*' }),
    (cache: Cache) => cache.invalidate({ regex: /./s }),
    (cache: Cache) => cache.invalidate({ regex: /^/, mode: 'expire' }),
    (cache: Cache) => cache.invalidate({ tag: 'shared' }),
    (cache: Cache, keys: readonly string[]) => cache.invalidate({ keys }),
  ]
  await fc.assert(
    fc.asyncProperty(names, fc.constantFrom(...everything), fc.boolean(), (keys, invalidate, swapped) =>
      inWorld(async (made) => {
        const { a, b, other, clock, settle } = made
        const [hit, spared] = swapped ? [other, a] : [a, other]
        for (const [index, cache] of [hit, spared].entries()) {
          for (const key of keys) await settle(cache.set(key, index, { tags: ['shared'] }))
        }
        await settle(invalidate(hit, keys))
        for (const wait of [10, 11_000]) {
          await clock.advance(wait)
          expect(await found(made, hit, keys)).toEqual(twice(keys.map(() => undefined)))
          expect(await found(made, spared, keys)).toEqual(twice(keys.map(() => 1)))
          if (spared === a) expect(await found(made, b, keys)).toEqual(twice(keys.map(() => 1)))
        }
      }),
    ),
    { numRuns: 120 },
  )
})
