import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { RemoteFactory } from './ports.js'
import { type TestCaches, testCaches } from './testing/caches.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

/** Counts the calls that reach the remote tier, by method. */
function counting(factory: RemoteFactory): { remote: RemoteFactory; calls: Record<string, number> } {
  const calls: Record<string, number> = {}
  const remote: RemoteFactory = {
    kind: factory.kind,
    open: (context) =>
      new Proxy(factory.open(context), {
        get(tier, name) {
          const member = Reflect.get(tier, name)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => {
            calls[String(name)] = (calls[String(name)] ?? 0) + 1
            return member.apply(tier, args)
          }
        },
      }),
  }
  return { remote, calls }
}

describe('a definition', () => {
  it('makes keys from its name and arguments, and escapes parts', async () => {
    const cache = await caches.open()
    const text = cache.define('room:state', { key: (id: string) => id, load: (id) => id })
    const parts = cache.define('user:permissions', {
      key: (user: string, room: string) => [user, room],
      load: (user, room) => [user, room],
    })
    const single = cache.define('popular:rooms', { key: () => '', load: () => ['r1'] })
    expect(text.keyOf('r1')).toBe('room:state:r1')
    expect(parts.keyOf('a:b', 'c')).not.toBe(parts.keyOf('a', 'b:c'))
    expect(single.keyOf()).toBe('popular:rooms')
    expect(await caches.settle(parts.get('u', 'r'))).toEqual(['u', 'r'])
    expect(await caches.settle(single.get())).toEqual(['r1'])
    expect(await caches.settle(single.get({ details: true }))).toMatchObject({ value: ['r1'], tier: 'memory' })
  })

  it('refuses a name whose keys could be those of another', async () => {
    const cache = await caches.open()
    cache.define('room:state', { key: (id: string) => id })
    expect(() => cache.define('room', { key: (id: string) => id })).toThrow("'room:state'")
    expect(() => cache.define('room:state', { key: (id: string) => id })).toThrow("'room:state'")
    expect(() => cache.define('room:state:x', { key: (id: string) => id })).toThrow("'room:state'")
    cache.define('roomier', { key: (id: string) => id })
  })

  it('says what is wrong with a specification', async () => {
    const cache = await caches.open()
    expect(() => cache.define('a', {} as never)).toThrow("define('a').key: expected a function")
    expect(() => cache.define('a', { key: () => '', ttl: '5 minutes' as never })).toThrow("define('a').ttl")
    expect(() => cache.define('a', { key: () => '', lod: 1 } as never)).toThrow("define('a').lod")
    expect(() => cache.define('a b', { key: () => '' })).toThrow('without spaces')
  })

  it('lets a loadMany decide for the batch, and first of all for each input', async () => {
    const cache = await caches.open()
    const names = cache.define('name', {
      key: (id: string) => id,
      loadMany: (ids, ctx) => {
        expect(ctx.items.map(({ key }) => key)).toEqual(['name:a', 'name:b', 'name:c'])
        ctx.items[1]?.ttl('1m')
        ctx.items[1]?.tags('its own')
        ctx.items[2]?.skip()
        ctx.ttl('10s')
        ctx.tags('all')
        return ids
      },
    })
    await caches.settle(names.getMany(['a', 'b', 'c']))
    const [a, b, c] = await caches.settle(Promise.all(['a', 'b', 'c'].map((id) => names.inspect(id))))
    expect(a?.memory).toMatchObject({ remainingTtlMs: 10_000, tags: ['name', 'all'] })
    expect(b?.memory).toMatchObject({ remainingTtlMs: 60_000, tags: ['name', 'its own', 'all'] })
    expect([c?.memory, c?.remote]).toEqual([undefined, undefined])
  })

  it('batches what is got in one tick into one MGET and one loadMany, in input order', async () => {
    const { remote, calls } = counting(inProcessRemote())
    const cache = await caches.open({ remote })
    const batches: string[][] = []
    const names = cache.define('name', {
      key: (id: string) => id,
      loadMany: (ids) => {
        batches.push([...ids])
        return ids.map((id) => `name of ${id}`)
      },
    })
    await caches.settle(names.get('b'))
    const before = { ...calls }
    const [many, one] = await caches.settle(Promise.all([names.getMany(['c', 'b', 'a', 'c']), names.get('d')]))
    expect(many).toEqual(['name of c', 'name of b', 'name of a', 'name of c'])
    expect(one).toBe('name of d')
    expect(batches).toEqual([['b'], ['c', 'a', 'd']])
    expect((calls.get ?? 0) - (before.get ?? 0)).toBe(1)
    expect((calls.fill ?? 0) - (before.fill ?? 0)).toBe(1)
  })

  it('tells with each value of many where it came from, when asked for details', async () => {
    const { remote, calls } = counting(inProcessRemote())
    const cache = await caches.open({ remote })
    const load = (id: string) => (id === 'nothing' ? undefined : id)
    const names = cache.define('name', { key: (id: string) => id, loadMany: (ids) => ids.map(load) })
    await caches.settle(names.get('a'))
    const before = calls.get ?? 0
    const details = await caches.settle(names.getMany(['a', 'b', 'nothing'], { details: true }))
    expect(details).toEqual([
      { value: 'a', state: 'fresh', tier: 'memory' },
      { value: 'b', state: 'fresh', tier: 'origin' },
      { value: undefined, state: 'fresh', tier: 'origin' },
    ])
    expect((calls.get ?? 0) - before).toBe(1)
    expect(await caches.settle(cache.getMany(['name:nothing', 'none'], { details: true }))).toEqual([
      { value: undefined, state: 'fresh', tier: 'memory' },
      undefined,
    ])
  })

  it('rejects only the input whose result is an error', async () => {
    const cache = await caches.open()
    const names = cache.define('name', {
      key: (id: string) => id,
      loadMany: (ids) => ids.map((id) => (id === 'bad' ? new Error('no such name') : id)),
    })
    const [good, bad] = await caches.settle(Promise.allSettled([names.get('good'), names.get('bad')]))
    expect(good).toEqual({ status: 'fulfilled', value: 'good' })
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'load-failed', key: 'name:bad' } })
  })

  it('refuses a batch of the wrong length', async () => {
    const cache = await caches.open()
    const names = cache.define('name', { key: (id: string) => id, loadMany: () => ['only one'] })
    await expect(caches.settle(names.getMany(['a', 'b']))).rejects.toThrow('expected 2 values in input order')
  })

  it('sets many in one commit, with the tags of each', async () => {
    const { remote, calls } = counting(inProcessRemote())
    const cache = await caches.open({ remote })
    const rooms = cache.define('room', {
      key: (id: string) => id,
      load: (id) => ({ id, owner: 'x' }),
      tags: (room) => [`owner:${room.owner}`],
    })
    const before = calls.commit ?? 0
    const receipt = await caches.settle(
      rooms.setMany([
        ['a', { id: 'a', owner: '1' }],
        ['b', { id: 'b', owner: '2' }],
      ]),
    )
    expect(receipt).toEqual({ seq: 1, propagated: true })
    expect((calls.commit ?? 0) - before).toBe(1)
    await caches.settle(cache.invalidate({ tag: 'owner:1' }))
    expect(rooms.peek('a')).toBeUndefined()
    expect(rooms.peek('b')?.value).toEqual({ id: 'b', owner: '2' })
  })

  it('invalidates one, several, or all of its entries and nobody else’s', async () => {
    const cache = await caches.open()
    let loads = 0
    const rooms = cache.define('room', { key: (id: string) => id, load: () => ++loads })
    const other = cache.define('other', { key: (id: string) => id, load: () => 'other' })
    await caches.settle(Promise.all([rooms.getMany(['a', 'b', 'c']), other.get('a')]))
    await caches.settle(rooms.invalidate('a'))
    await caches.settle(rooms.invalidateMany(['b']))
    expect([rooms.peek('a'), rooms.peek('b'), rooms.peek('c')?.value]).toEqual([undefined, undefined, 3])
    await caches.settle(rooms.invalidateAll())
    expect(rooms.peek('c')).toBeUndefined()
    expect(other.peek('a')?.value).toBe('other')
  })

  it('keeps what was softly invalidated for grace, and refreshes it on the next read', async () => {
    const cache = await caches.open()
    let loads = 0
    const rooms = cache.define('room', { key: (id: string) => id, load: () => ++loads, grace: '1h', softTimeout: 0 })
    await caches.settle(rooms.get('a'))
    await caches.settle(rooms.invalidate('a', { mode: 'expire' }))
    expect(rooms.peek('a')).toMatchObject({ value: 1, state: 'stale' })
    await caches.settle(rooms.get('a'))
    await caches.clock.advance(5)
    expect(rooms.peek('a')).toMatchObject({ value: 2, state: 'fresh' })
  })

  it('treats a cached value that does not conform to the schema as a miss', async () => {
    const remote = inProcessRemote()
    const [old, current] = [await caches.open({ remote }), await caches.open({ remote })]
    const mismatches: string[] = []
    current.on('schema-mismatch', ({ key }) => mismatches.push(key))
    await caches.settle(old.define('room', { key: (id: string) => id }).set('a', { title: 'old shape' }))
    const rooms = current.define('room', {
      key: (id: string) => id,
      load: (id) => ({ id }),
      schema: z.object({ id: z.string() }),
    })
    expect(await caches.settle(rooms.get('a'))).toEqual({ id: 'a' })
    expect(mismatches).toEqual(['room:a'])
  })

  it('refuses to set what does not conform to the schema', async () => {
    const cache = await caches.open()
    const rooms = cache.define('room', { key: (id: string) => id, schema: z.object({ id: z.string() }) })
    await expect(rooms.set('a', { id: 5 } as never)).rejects.toMatchObject({ code: 'invalid-argument', key: 'room:a' })
  })
})

describe('write-through', () => {
  it('writes to the origin first, and then to every tier', async () => {
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    const database = new Map<string, string>()
    const spec = {
      key: (id: string) => id,
      load: (id: string) => database.get(id) ?? 'none',
      write: (id: string, value: string) => {
        database.set(id, value)
      },
    }
    const [here, there] = [one.define('n', spec), two.define('n', spec)]
    expect(await caches.settle(there.get('a'))).toBe('none')
    expect(await caches.settle(here.set('a', 'new'))).toMatchObject({ propagated: true })
    await caches.clock.advance(1)
    expect(await caches.settle(there.get('a', { details: true }))).toMatchObject({ value: 'new', tier: 'remote' })
    expect(database.get('a')).toBe('new')
  })

  it('leaves every tier as it was when the origin refuses', async () => {
    const cache = await caches.open()
    const n = cache.define('n', {
      key: (id: string) => id,
      load: () => 'old',
      write: () => {
        throw new Error('read only')
      },
    })
    await caches.settle(n.get('a'))
    await expect(caches.settle(n.set('a', 'new'))).rejects.toMatchObject({ code: 'write-failed', key: 'n:a' })
    expect(n.peek('a')?.value).toBe('old')
  })

  it.each<[string, { value?: unknown; tags?: () => string[] }]>([
    ['a value that cannot be stored', { value: () => 1 }],
    ['tags that are none', { value: 1, tags: () => [''] }],
  ])('refuses %s before the origin is touched, and leaves no lease behind', async (_, { value, tags }) => {
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    let written = 0
    const spec = {
      key: (id: string) => id,
      load: () => 'old' as unknown,
      write: () => {
        written++
      },
    }
    const here = one.define('n', { ...spec, ...(tags && { tags }) })
    const there = two.define('n', spec)
    await expect(caches.settle(here.set('a', value))).rejects.toMatchObject({ name: 'CacheError' })
    expect(written).toBe(0)
    const began = caches.clock.now()
    expect(await caches.settle(there.get('a'))).toBe('old')
    expect(caches.clock.now() - began).toBeLessThan(100)
  })

  it('never leaves the older of two overlapping writes in the cache', async () => {
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    let stored = 'none'
    const write = (before: number, after: number) => async (_id: string, value: string) => {
      await caches.after(before, undefined)
      stored = value
      await caches.after(after, undefined)
    }
    const here = one.define('n', { key: (id: string) => id, load: () => stored, write: write(1, 20) })
    const there = two.define('n', { key: (id: string) => id, load: () => stored, write: write(5, 1) })
    await caches.settle(Promise.all([here.set('a', 'first'), there.set('a', 'second')]))
    await caches.clock.advance(5)
    expect(stored).toBe('second')
    expect(await caches.settle(here.get('a'))).toBe('second')
    expect(await caches.settle(there.get('a'))).toBe('second')
  })
})

describe('what was stored under the keys of a definition by calls without it', () => {
  const spec = { key: (id: string) => id, load: () => 'loaded' }

  it('is invalidated with the definition, wherever it was written and whoever reads it', async () => {
    const remote = inProcessRemote()
    const [here, there] = [await caches.open({ remote }), await caches.open({ remote })]
    const rooms = here.define('table:room', spec)
    await caches.settle(there.set('table:room:a', 'set elsewhere'))
    await caches.settle(here.set('table:room:b', 'set here'))
    await caches.settle(here.getOrLoad('table:room:c', () => 'loaded by key'))
    expect(await caches.settle(rooms.getMany(['a', 'b', 'c']))).toEqual(['set elsewhere', 'set here', 'loaded by key'])
    await caches.settle(rooms.invalidateAll())
    expect(await caches.settle(here.getMany(['table:room:a', 'table:room:b', 'table:room:c']))).toEqual(
      Array(3).fill(undefined),
    )
    expect(await caches.settle(rooms.getMany(['a', 'b', 'c']))).toEqual(['loaded', 'loaded', 'loaded'])
  })

  it('also when it was in memory before the definition was declared', async () => {
    const cache = await caches.open()
    await caches.settle(cache.set('room:a', 'early'))
    await caches.settle(cache.set('roomy', 'other'))
    const rooms = cache.define('room', spec)
    expect(await caches.settle(rooms.get('a'))).toBe('early')
    await caches.settle(rooms.invalidateAll())
    expect(await caches.settle(rooms.get('a'))).toBe('loaded')
    expect(cache.peek('roomy')?.value).toBe('other')
  })

  it('carries its name among its tags', async () => {
    const cache = await caches.open()
    const only = cache.define('only', { key: () => '', load: () => 1 })
    await caches.settle(cache.set('only', 2, { tags: ['t'] }))
    expect((await caches.settle(cache.inspect('only'))).memory?.tags).toEqual(['only', 't'])
    expect(await caches.settle(only.get())).toBe(2)
  })
})
