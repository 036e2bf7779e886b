import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type BatchContext, type Cache, createCache, type Details, type Peeked, type Receipt } from '../../src/index.js'

interface Room {
  id: string
  owner: string
}

const cache: Cache = createCache()

describe('a definition', () => {
  it('keeps the type of its values when a loader confirms what there was', () => {
    const rooms = cache.define('room-by-etag', {
      key: (roomId: string) => roomId,
      load: async (roomId, ctx) => {
        expectTypeOf(ctx.etag).toEqualTypeOf<string | undefined>()
        expectTypeOf(ctx.stale).toEqualTypeOf<unknown>()
        if (ctx.etag !== undefined) return ctx.notModified()
        ctx.etag = new Headers().get('etag')
        return { id: roomId, owner: 'x' }
      },
    })
    expectTypeOf(rooms.get('a')).toEqualTypeOf<Promise<Room>>()
    const many = cache.define('rooms-by-etag', {
      key: (roomId: string) => roomId,
      loadMany: async (roomIds, ctx) => {
        expectTypeOf(ctx).toEqualTypeOf<BatchContext>()
        expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()
        for (const own of ['key', 'stale', 'hasStale', 'etag', 'notModified'] as const)
          expectTypeOf<Extract<typeof own, keyof BatchContext>>().toBeNever()
        return roomIds.map((id, index): Room => {
          const item = ctx.items[index]
          return item?.etag === undefined ? { id, owner: 'x' } : item.notModified()
        })
      },
    })
    expectTypeOf(many.get('a')).toEqualTypeOf<Promise<Room>>()
    expectTypeOf(cache.getOrLoad('a', (ctx) => (ctx.hasStale ? ctx.notModified() : 7))).toEqualTypeOf<Promise<number>>()
  })

  it('infers its arguments from key and its value from load', () => {
    const rooms = cache.define('room', {
      key: (roomId: string) => roomId,
      load: async (roomId, ctx): Promise<Room> => {
        expectTypeOf(roomId).toEqualTypeOf<string>()
        expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()
        return { id: roomId, owner: 'x' }
      },
      tags: (room, roomId) => {
        expectTypeOf(room).toEqualTypeOf<Room>()
        expectTypeOf(roomId).toEqualTypeOf<string>()
        return [`owner:${room.owner}`]
      },
      write: (roomId, room, ctx) => {
        expectTypeOf(roomId).toEqualTypeOf<string>()
        expectTypeOf(room).toEqualTypeOf<Room>()
        expectTypeOf(ctx.key).toEqualTypeOf<string>()
      },
    })
    expectTypeOf(rooms.get('a')).toEqualTypeOf<Promise<Room>>()
    expectTypeOf(rooms.get('a', { freshness: 'remote' })).toEqualTypeOf<Promise<Room>>()
    expectTypeOf(rooms.get('a', { details: true })).toEqualTypeOf<Promise<Details<Room>>>()
    expectTypeOf(rooms.getMany(['a'])).toEqualTypeOf<Promise<Room[]>>()
    expectTypeOf(rooms.getMany(['a'], { details: true })).toEqualTypeOf<Promise<Details<Room>[]>>()
    expectTypeOf(cache.getMany(['a'], { details: true })).toEqualTypeOf<Promise<(Details<unknown> | undefined)[]>>()
    expectTypeOf(rooms.peek('a')).toEqualTypeOf<Peeked<Room> | undefined>()
    expectTypeOf(rooms.set('a', { id: 'a', owner: 'x' })).toEqualTypeOf<Promise<Receipt>>()
    // @ts-expect-error a number is no room id
    rooms.get(5)
    // @ts-expect-error the value has no owner
    rooms.set('a', { id: 'a' })
    // @ts-expect-error there is no such option
    rooms.get('a', { freshnes: 'remote' })
  })

  it('infers the value for tags from what an unannotated load returns', () => {
    cache.define('user', {
      key: (id: string) => id,
      load: (id) => ({ id, team: 'red' }),
      tags: (user) => [`team:${user.team}`],
    })
    cache.define('users', {
      key: (id: string) => id,
      loadMany: (ids) => ids.map((id) => ({ id, team: 'red' })),
      tags: (user) => [`team:${user.team}`],
    })
  })

  it('infers several arguments, and takes tuples of them in bulk', () => {
    const permissions = cache.define('permissions', {
      key: (user: string, room: number) => [user, room],
      loadMany: (inputs) => {
        expectTypeOf(inputs).toEqualTypeOf<readonly (readonly [user: string, room: number])[]>()
        return inputs.map(() => true)
      },
    })
    expectTypeOf(permissions.get('u', 1)).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(permissions.getMany([['u', 1]])).toEqualTypeOf<Promise<boolean[]>>()
    // @ts-expect-error an argument is missing
    permissions.get('u')
  })

  it('says that a value may be missing when it has no loader', () => {
    const scores = cache.define('score', { key: (user: string) => user, schema: z.object({ points: z.number() }) })
    expectTypeOf(scores.get('u')).toEqualTypeOf<Promise<{ points: number } | undefined>>()
    expectTypeOf(scores.get('u', { details: true })).toEqualTypeOf<Promise<Details<{ points: number }> | undefined>>()
    // @ts-expect-error points are numbers
    scores.set('u', { points: 'many' })
  })
})

describe('a cache', () => {
  it('infers values from loaders, and lets the caller say what a plain get returns', () => {
    expectTypeOf(cache.getOrLoad('a', () => 1)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(cache.getOrLoad('a', async () => 'x', { details: true })).toEqualTypeOf<Promise<Details<string>>>()
    expectTypeOf(cache.get('a')).toEqualTypeOf<Promise<unknown>>()
    expectTypeOf(cache.get<Room>('a')).toEqualTypeOf<Promise<Room | undefined>>()
    // @ts-expect-error a duration has a unit
    createCache({ defaults: { ttl: '5 minutes' } })
    // @ts-expect-error there is no such policy
    createCache({ onPartition: 'ignore' })
  })

  it('gives each listener its own event', () => {
    cache.on('hit', (event) => expectTypeOf(event.tier).toEqualTypeOf<'memory' | 'remote'>())
    cache.on('log-lost', (event) => expectTypeOf(event.reason).toEqualTypeOf<'trimmed' | 'epoch' | 'diverged'>())
    // @ts-expect-error there is no such event
    cache.on('hits', () => undefined)
  })
})
