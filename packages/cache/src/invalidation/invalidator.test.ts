import { afterEach, describe, expect, it } from 'vitest'
import { CacheError, createCache, inProcessRemote } from '../index.js'
import { createVirtualClock } from '../testing/index.js'
import type { AuditRecord } from './audit-record.js'
import type { InvalidationError } from './errors.js'
import {
  createInvalidator,
  defineRules,
  entries,
  entry,
  everything,
  expire,
  type InvalidatingCache,
  type InvalidatorOptions,
  key,
  nothing,
  pattern,
  regex,
  rule,
  tag,
  whole,
} from './index.js'

interface Events {
  'room.deleted': { roomId: string; memberIds: string[] }
  'profile.changed': { userId: string }
  'dice.previewed': { sides: number }
  'systems.reloaded': undefined
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A cache whose calls are noted, and can be made to fail. */
async function open(options: Partial<InvalidatorOptions<Events>> = {}) {
  const clock = createVirtualClock({ start: 0 })
  const cache = createCache({ clock, remote: inProcessRemote() })
  await cache.ready()
  const roomState = cache.define('room:state', {
    key: (roomId: string) => roomId,
    load: async (roomId) => `state of ${roomId}`,
  })
  const permissions = cache.define('user:permissions', {
    key: (userId: string, roomId: string) => [userId, roomId],
    load: async (userId, roomId) => `${userId} in ${roomId}`,
    tags: (_, userId) => [`user:${userId}`],
  })
  const calls: unknown[] = []
  const faults: unknown[] = []
  const attempt = <T>(call: unknown, work: () => Promise<T>): Promise<T> => {
    calls.push(call)
    return faults.length > 0 ? Promise.reject(faults.shift()) : work()
  }
  const watched: InvalidatingCache = {
    node: cache.node,
    invalidate: (target) => attempt(target, () => cache.invalidate(target)),
    clear: () => attempt('clear', () => cache.clear()),
    inspect: (name) => cache.inspect(name),
    on: (type, listener) => cache.on(type, listener),
  }
  const rules = defineRules<Events>({
    'room.deleted': [
      rule('room', ({ roomId }) => [entry(roomState, roomId), tag(`room:${roomId}`)]),
      rule('user', ({ roomId, memberIds }) =>
        entries(
          permissions,
          memberIds.map((userId) => [userId, roomId] as const),
        ),
      ),
    ],
    'profile.changed': ({ userId }) => tag(`user:${userId}`),
    'dice.previewed': nothing,
    'systems.reloaded': () => whole(roomState),
  })
  const audit: AuditRecord[] = []
  const invalidator = createInvalidator<Events>(watched, {
    rules,
    clock,
    onAudit: (record) => audit.push(record),
    ...options,
  })
  closers.push(async () => {
    await clock.runUntil(invalidator.close())
    await clock.runUntil(cache.close())
  })
  return { clock, cache, roomState, permissions, invalidator, calls, faults, audit }
}

describe('the invalidator', () => {
  it('invalidates what the rules of an event say and answers with the record of it', async () => {
    const { invalidator, roomState, permissions, cache } = await open()
    await Promise.all([
      roomState.get('r1'),
      roomState.get('r2'),
      permissions.get('u1', 'r1'),
      permissions.get('u2', 'r1'),
    ])

    const record = await invalidator.raise(
      'room.deleted',
      { roomId: 'r1', memberIds: ['u1', 'u2'] },
      { actor: 'user:gm', reason: 'asked by the owner' },
    )

    expect([await cache.has('room:state:r1'), await cache.has('room:state:r2')]).toEqual([false, true])
    expect([await permissions.has('u1', 'r1'), await permissions.has('u2', 'r1')]).toEqual([false, false])
    expect(record).toMatchObject({
      id: 1,
      node: cache.node,
      event: 'room.deleted',
      strategies: ['room', 'user'],
      actor: 'user:gm',
      reason: 'asked by the owner',
      outcome: 'done',
      attempts: 1,
      propagated: true,
      targets: { keys: ['room:state:r1', 'user:permissions:u1:r1', 'user:permissions:u2:r1'], tags: ['room:r1'] },
      failures: [],
    })
    expect(record.seq).toBe(cache.stats().log.applied)
  })

  it('sends the events of one tick in one call, each name once, and each event gets its own record', async () => {
    const { invalidator, calls, audit } = await open()
    const records = await Promise.all([
      invalidator.raise('room.deleted', { roomId: 'r1', memberIds: ['u1'] }),
      invalidator.raise('room.deleted', { roomId: 'r1', memberIds: ['u1', 'u2'] }),
      invalidator.raise('profile.changed', { userId: 'u1' }),
    ])
    expect(calls).toEqual([
      {
        keys: ['room:state:r1', 'user:permissions:u1:r1', 'user:permissions:u2:r1'],
        tags: ['room:r1', 'user:u1'],
        mode: 'delete',
      },
    ])
    expect(new Set(records.map(({ seq }) => seq)).size).toBe(1)
    expect(audit.map(({ id }) => id).sort()).toEqual([1, 2, 3])
  })

  it('collects events for as long as the batch window says', async () => {
    const { invalidator, calls, clock } = await open({ batchWindow: '5ms' })
    const first = invalidator.raise('profile.changed', { userId: 'u1' })
    await clock.advance(4)
    const second = invalidator.raise('profile.changed', { userId: 'u2' })
    expect(calls).toEqual([])
    await clock.advance(1)
    await Promise.all([first, second])
    expect(calls).toEqual([{ keys: [], tags: ['user:u1', 'user:u2'], mode: 'delete' }])
  })

  it('knows every kind of target, and a deletion wins over a soft expiry of the same name', async () => {
    const { invalidator, calls, roomState } = await open()
    const record = await invalidator.invalidate([
      [expire(entry(roomState, 'r1'), key('a'), tag('t')), false, null, undefined],
      key('a'),
      pattern('user:*'),
      regex(/^room:\d+$/i),
      expire(whole(roomState)),
      everything(),
    ])
    expect(calls).toHaveLength(5)
    expect(calls).toContainEqual({ keys: ['room:state:r1'], tags: ['t', 'room:state'], mode: 'expire' })
    expect(calls).toContainEqual({ keys: ['a'], tags: [], mode: 'delete' })
    expect(calls).toContainEqual({ pattern: 'user:*', mode: 'delete' })
    expect(calls).toContainEqual({ regex: /^room:\d+$/i, mode: 'delete' })
    expect(calls).toContain('clear')
    expect(record).toMatchObject({
      event: 'manual',
      strategies: ['manual'],
      targets: { everything: true, patterns: ['user:*', '/^room:\\d+$/i'] },
    })
  })

  it('refuses an event that has no rule, and does nothing for one that is declared to need nothing', async () => {
    const { invalidator, calls } = await open()
    // @ts-expect-error a typing mistake, as JavaScript or a cast lets it through
    await expect(invalidator.raise('room.delete', {})).rejects.toMatchObject({
      code: 'unknown-event',
      message: expect.stringContaining('"room.delete" has no rule; known: room.deleted,'),
    })
    expect(await invalidator.raise('dice.previewed', { sides: 20 })).toMatchObject({
      outcome: 'done',
      attempts: 0,
      propagated: true,
    })
    expect(calls).toEqual([])
  })

  it('tries again with growing pauses, then succeeds and says how often it tried', async () => {
    const { invalidator, faults, calls, clock, audit } = await open()
    faults.push(new Error('first'), new Error('second'))
    const raised = invalidator.raise('profile.changed', { userId: 'u1' })
    await clock.flush()
    expect(calls).toHaveLength(1)
    await clock.advance(50)
    expect(calls).toHaveLength(2)
    expect(await clock.runUntil(raised)).toMatchObject({ outcome: 'done', attempts: 3 })
    expect(audit[0]?.durationMs).toBeGreaterThanOrEqual(75)
    expect(audit[0]?.durationMs).toBeLessThanOrEqual(150)
  })

  it('rejects with what failed when retries are exhausted, and the trail never quotes a message', async () => {
    const { invalidator, faults, clock } = await open({ retries: 2 })
    faults.push(...Array.from({ length: 3 }, () => new CacheError('remote-failed', 'u1@example.org broke it')))
    const raised = invalidator.raise('profile.changed', { userId: 'u1' })
    const failed = (await clock.runUntil(raised.catch((error) => error))) as InvalidationError
    expect(failed).toMatchObject({ name: 'InvalidationError', code: 'invalidation-failed', event: 'profile.changed' })
    expect(failed.message).toBe('event "profile.changed": 1 failed: tag "user:u1": u1@example.org broke it')
    const [record] = invalidator.trail({ outcome: 'failed' })
    expect(record).toBe(failed.record)
    expect(record?.failures).toEqual([{ step: 'tag "user:u1"', error: 'CacheError remote-failed' }])
    expect(JSON.stringify(record)).not.toContain('example.org')
  })

  it('finds the one name that the cache refuses among many, without a retry, and does all the others', async () => {
    const { invalidator, cache, audit } = await open()
    const names = Array.from({ length: 9 }, (_, index) => (index === 5 ? 'bad \ud800' : `k${index}`))
    for (const name of names) if (!name.startsWith('bad')) await cache.set(name, 1)
    const outcomes = await Promise.allSettled(names.map((name) => invalidator.invalidate(key(name))))
    expect(outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([5])
    expect((outcomes[5] as PromiseRejectedResult).reason.cause).toMatchObject({ code: 'invalid-key' })
    expect(await cache.getMany(names.filter((name) => !name.startsWith('bad')))).toEqual(Array(8).fill(undefined))
    expect(audit).toHaveLength(9)
  })

  it('reports a rule that throws by the name of its event, and still does what the other rules say', async () => {
    const { cache, clock } = await open()
    const invalidator = createInvalidator<{ broken: { id: string } }>(cache, {
      clock,
      rules: {
        broken: [
          () => {
            throw new TypeError('cannot read properties')
          },
          rule('room', ({ id }) => key(id)),
          // @ts-expect-error not a target
          rule('asset', ({ id }) => id),
        ],
      },
    })
    await cache.set('a', 1)
    const failed = await invalidator.raise('broken', { id: 'a' }).catch((error) => error)
    expect(failed).toMatchObject({ code: 'rule-failed', event: 'broken' })
    expect(failed.message).toContain(
      'event "broken": 2 failed: rule broken: cannot read properties; rule asset: targets: expected',
    )
    expect(await cache.has('a')).toBe(false)
    await invalidator.close()
  })

  it('waits for rules that must ask somebody, and asks again when that fails', async () => {
    const { cache, clock } = await open()
    let asked = 0
    const invalidator = createInvalidator<{ moved: { id: string } }>(cache, {
      clock,
      rules: {
        moved: async ({ id }) => {
          if (++asked < 3) throw new Error('database away')
          return key(id)
        },
      },
    })
    await cache.set('a', 1)
    await clock.runUntil(invalidator.raise('moved', { id: 'a' }))
    expect([asked, await cache.has('a')]).toEqual([3, false])
    await invalidator.close()
  })

  it('says when other nodes have not been told yet', async () => {
    const clock = createVirtualClock()
    const remote = inProcessRemote()
    const cache = createCache({ clock, remote })
    await cache.ready()
    const invalidator = createInvalidator<{ gone: string }>(cache, { clock, rules: { gone: (id) => key(id) } })
    remote.disconnect()
    expect(await clock.runUntil(invalidator.raise('gone', 'a'))).toMatchObject({
      outcome: 'done',
      propagated: false,
      seq: undefined,
    })
    remote.reconnect()
    await clock.runUntil(Promise.all([invalidator.close(), cache.close()]))
  })

  it('refuses more than its queue holds, with a record, and takes events again afterwards', async () => {
    const { invalidator, audit } = await open({ maxQueue: 2 })
    const raise = (userId: string) => invalidator.raise('profile.changed', { userId })
    const outcomes = await Promise.allSettled([raise('u1'), raise('u2'), raise('u3')])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({
      code: 'queue-full',
      message: 'event "profile.changed": 1 failed: queue: 2 events are under way (maxQueue)',
    })
    expect(audit.map(({ id, outcome }) => [id, outcome]).sort()).toEqual([
      [1, 'done'],
      [2, 'done'],
      [3, 'failed'],
    ])
    expect(await raise('u4')).toMatchObject({ outcome: 'done' })
  })

  it('drains when it is closed, retries included, and refuses what comes later', async () => {
    const { invalidator, faults, clock } = await open()
    faults.push(new Error('once'))
    const raised = invalidator.raise('profile.changed', { userId: 'u1' })
    const closed = invalidator.close()
    await expect(invalidator.raise('profile.changed', { userId: 'u2' })).rejects.toMatchObject({ code: 'closed' })
    expect(invalidator.pending).toBe(1)
    await clock.runUntil(closed)
    expect(invalidator.pending).toBe(0)
    expect(await raised).toMatchObject({ attempts: 2 })
  })

  it('refuses options and rules that are not what they must be, by name', async () => {
    const { cache } = await open()
    const create = (options: object) => () => createInvalidator(cache, { rules: {}, ...options })
    expect(create({ maxQueue: 0 })).toThrow('maxQueue: expected a whole number of at least 1, got 0')
    expect(create({ retryDelay: 'soon' })).toThrow('retryDelay: expected a duration')
    expect(create({ retrys: 3 })).toThrow('createInvalidator.retrys')
    expect(create({ rules: { 'room.deleted': 'all' } })).toThrow(`rules['room.deleted']: expected a function`)
    expect(create({ rules: undefined })).toThrow('rules: expected an object')
  })
})

describe('entries of a definition', () => {
  it('are named as in its bulk calls, also where the one argument is an array', async () => {
    await using cache = createCache()
    const lists = cache.define('list', { key: (ids: readonly string[]) => ids, load: (ids) => ids.length })
    const pairs = cache.define('pair', { key: (a: string, b: string) => [a, b], load: (a, b) => a + b })
    const keysOf = (targets: readonly { key: string }[]) => targets.map(({ key }) => key)
    expect(keysOf(entries(lists, [['a', 'b'], ['c']]))).toEqual(['list:a:b', 'list:c'])
    expect(keysOf(entries(pairs, [['a', 'b']]))).toEqual([pairs.keyOf('a', 'b')])
  })
})

describe('the audit trail', () => {
  it('answers by event, strategy, actor, key, tag, outcome and time, the latest first, within its limit', async () => {
    const { invalidator, clock } = await open()
    await invalidator.raise('profile.changed', { userId: 'u1' }, { actor: 'a' })
    await clock.advance(1_000)
    await invalidator.raise('room.deleted', { roomId: 'r1', memberIds: [] }, { actor: 'b' })
    await invalidator.raise('profile.changed', { userId: 'u2' }, { actor: 'b' })
    const ids = (query: Parameters<typeof invalidator.trail>[0]) => invalidator.trail(query).map(({ id }) => id)
    expect(ids(undefined)).toEqual([3, 2, 1])
    expect(ids({ limit: 1 })).toEqual([3])
    expect(ids({ event: 'profile.changed' })).toEqual([3, 1])
    expect(ids({ strategy: 'user' })).toEqual([2])
    expect(ids({ actor: 'b', tag: 'user:u2' })).toEqual([3])
    expect(ids({ key: 'room:state:r1' })).toEqual([2])
    expect(ids({ since: 1_000 })).toEqual([3, 2])
    expect(ids({ outcome: 'failed' })).toEqual([])
    expect(() => ids({ limit: 0 })).toThrow('trail.limit')
  })

  it('keeps the latest records only, hands each to the logger, and survives a callback that throws', async () => {
    const logged: [string, object][] = []
    const logger = {
      debug: () => undefined,
      info: (details: object, message: string) => logged.push([message, details]),
      warn: () => undefined,
      error: (details: object, message: string) => logged.push([message, details]),
    }
    const { invalidator } = await open({
      trailSize: 3,
      logger,
      onAudit: () => {
        throw new Error('sink away')
      },
    })
    for (let user = 1; user <= 8; user++) await invalidator.raise('profile.changed', { userId: `u${user}` })
    expect(invalidator.trail().map(({ id }) => id)).toEqual([8, 7, 6])
    expect(logged.filter(([message]) => message === 'invalidation profile.changed done')).toHaveLength(8)
    expect(logged.filter(([message]) => message === 'onAudit threw')).toHaveLength(8)
    expect(logged[0]?.[1]).toMatchObject({ invalidation: { id: 1, targets: { tags: ['user:u1'] } } })
  })

  it('holds a bounded number of names for each event and counts the others', async () => {
    const { invalidator } = await open()
    const record = await invalidator.invalidate(Array.from({ length: 1_000 }, (_, index) => key(`k${index}`)))
    expect([record.targets.keys.length, record.targets.omitted]).toEqual([256, 744])
  })
})
