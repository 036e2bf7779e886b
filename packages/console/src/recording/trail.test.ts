import type { CacheEventOf, Operation } from '@tableforge/cache'
import { expect, test } from 'vitest'
import { Notices } from './notices.js'
import { InvalidationTrail } from './trail.js'

const key = (name: string): Operation => ({ type: 'key', key: name, mode: 'delete' })
const issued = (seq: number | undefined, operations: Operation[], propagated = true): CacheEventOf<'invalidate'> => ({
  type: 'invalidate',
  operations,
  seq,
  propagated,
  durationMs: 2,
})
const applied = (origin: string, seq: number, operations: Operation[]): CacheEventOf<'applied'> => ({
  type: 'applied',
  epoch: 'e1',
  origin,
  seq,
  operations,
})

test('an invalidation of this node is listed once, whichever of its two events comes first', () => {
  for (const order of ['issued first', 'applied first']) {
    const trail = new InvalidationTrail('here', 10)
    const events = [
      () => trail.issued(issued(5, [key('a')]), 100, 1),
      () => trail.applied(applied('here', 5, [key('a')]), 101, 1),
    ]
    for (const event of order === 'issued first' ? events : events.reverse()) event()
    expect(trail.last(10), order).toMatchObject([
      { seq: 5, origin: 'here', own: true, propagated: true, durationMs: 2 },
    ])
  }
})

test('what other nodes invalidate is told with their name; what they only set is left out', () => {
  const trail = new InvalidationTrail('here', 10)
  trail.applied(applied('there', 5, [key('a')]), 100, 1)
  trail.applied(applied('there', 6, [{ type: 'set', key: 'b' }]), 101, 1)
  trail.applied(applied('there', 7, [{ type: 'set', key: 'b' }, key('c')]), 102, 1)
  expect(trail.last(10).map(({ seq, own, origin }) => [seq, own, origin])).toEqual([
    [5, false, 'there'],
    [7, false, 'there'],
  ])
})

test('an invalidation that could not be sent says so', () => {
  const trail = new InvalidationTrail('here', 10)
  trail.issued(issued(undefined, [key('a')], false), 100, 1)
  expect(trail.last(1)).toMatchObject([{ seq: null, propagated: false }])
})

test('an entry that changed is told again to those who knew it, and long lists are cut and counted', () => {
  const trail = new InvalidationTrail('here', 10)
  trail.issued(
    issued(
      5,
      Array.from({ length: 25 }, (_, index) => key(`k${index}`)),
    ),
    100,
    1,
  )
  expect(trail.since(1)).toEqual([])
  trail.applied(applied('here', 5, []), 101, 2)
  trail.applied(applied('here', 5, [key('k0')]), 101, 2)
  expect(trail.since(1)).toHaveLength(1)
  expect(trail.since(1)[0]).toMatchObject({ id: 1, more: 5 })
  expect(trail.since(1)[0]?.operations).toHaveLength(20)
})

test('a repeated error is counted, and changes of state are each told', () => {
  const notices = new Notices(10)
  const failed = (definition: string): CacheEventOf<'load-error'> => ({
    type: 'load-error',
    key: `${definition}:1`,
    definition,
    durationMs: 1,
    error: new Error('refused'),
  })
  notices.event(failed('room'), 100, 1)
  notices.event(failed('user'), 101, 1)
  notices.event(failed('room'), 102, 2)
  notices.event({ type: 'breaker', state: 'open', reason: 'failures' }, 103, 2)
  notices.event({ type: 'breaker', state: 'closed', reason: 'probe' }, 104, 2)
  notices.event({ type: 'remote-state', state: 'up' }, 105, 2)
  notices.event({ type: 'remote-state', state: 'up' }, 106, 2)
  expect(notices.last(10).map(({ kind, definition, count }) => [kind, definition, count])).toEqual([
    ['load-error', 'room', 2],
    ['load-error', 'user', 1],
    ['breaker', null, 1],
    ['breaker', null, 1],
    ['remote-state', null, 1],
    ['remote-state', null, 1],
  ])
  expect(notices.since(1).map(({ id }) => id)).toEqual([1, 3, 4, 5, 6])
})

test('a notice shows no credentials of addresses, and no endless messages', () => {
  const notices = new Notices(10)
  const error = new Error(`connect to redis://app:s3cret@db:6379 failed ${'x'.repeat(500)}`)
  notices.event({ type: 'remote-error', operation: 'get', key: 'a', error }, 100, 1)
  const message = notices.last(1)[0]?.message ?? ''
  expect(message).toContain('redis://***@db:6379')
  expect(message).not.toContain('s3cret')
  expect(message.length).toBeLessThan(300)
})
