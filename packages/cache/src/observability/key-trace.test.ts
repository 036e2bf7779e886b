import { describe, expect, it } from 'vitest'
import { type CacheEvent, CacheEvents } from '../events.js'
import { compilePattern } from '../matching/pattern.js'
import type { Operation } from '../ports.js'
import { createVirtualClock } from '../testing/index.js'
import { createKeyTrace, type KeyTraceOptions } from './key-trace.js'

function setUp(options: Partial<KeyTraceOptions> = {}) {
  const clock = createVirtualClock()
  const events = new CacheEvents((error) => {
    throw error
  })
  const trace = createKeyTrace({ events, clock, compile: compilePattern, ...options })
  return { clock, events, trace }
}

const hit = (key: string): CacheEvent => ({ type: 'hit', key, definition: 'room', tier: 'memory', state: 'fresh' })
const load = (key: string): CacheEvent => ({
  type: 'load',
  key,
  definition: 'room',
  durationMs: 1.25,
  notModified: false,
  late: false,
})
const applied = (seq: number, ...operations: Operation[]): CacheEvent => ({
  type: 'applied',
  origin: 'n2',
  epoch: 'e1',
  seq,
  operations,
})
const words = (events: readonly { what: string; detail?: string }[]) => events.map(({ what, detail }) => [what, detail])

describe('the trace of a key', () => {
  it('tells what happened to it before anybody asked, oldest first, and nothing of other keys', async () => {
    const { clock, events, trace } = setUp()
    const start = clock.now()
    events.emit(load('room:1'))
    events.emit(load('room:2'))
    await clock.advance(10)
    events.emit(
      applied(4, { type: 'key', key: 'room:1', mode: 'delete' }, { type: 'key', key: 'room:2', mode: 'delete' }),
    )
    events.emit({
      type: 'load-error',
      key: 'room:1',
      definition: 'room',
      durationMs: 3,
      error: new Error('no database'),
    })
    expect(trace.of('room:1')).toEqual([
      { at: start, what: 'loaded', detail: 'in 1.3 ms' },
      { at: start + 10, what: 'invalidated', detail: 'key (delete); seq 4 by n2' },
      { at: start + 10, what: 'load failed', detail: 'after 3.0 ms: no database' },
    ])
    trace.close()
  })

  it('finds invalidations by tag, pattern and clear that cover it, and none that do not', () => {
    const { events, trace } = setUp()
    events.emit(applied(1, { type: 'tag', tag: 'user:1', mode: 'expire' }))
    events.emit(applied(2, { type: 'tag', tag: 'user:2', mode: 'delete' }))
    events.emit(applied(3, { type: 'pattern', syntax: 'glob', source: 'room:*', flags: '', mode: 'delete' }))
    events.emit(applied(4, { type: 'pattern', syntax: 'glob', source: 'user:*', flags: '', mode: 'delete' }))
    events.emit(applied(5, { type: 'clear' }))
    events.emit(applied(6, { type: 'set', key: 'room:1' }))
    expect(words(trace.of('room:1', ['user:1']))).toEqual([
      ['invalidated', 'tag user:1 (expire); seq 1 by n2'],
      ['invalidated', 'glob room:* (delete); seq 3 by n2'],
      ['invalidated', 'clear; seq 5 by n2'],
      ['written', 'set; seq 6 by n2'],
    ])
    trace.close()
  })

  it('tells of a write once: where the log has it, or that it waits', () => {
    const { events, trace } = setUp()
    events.emit({ type: 'set', key: 'room:1', definition: 'room', seq: 9 })
    events.emit(applied(9, { type: 'set', key: 'room:1' }))
    events.emit({ type: 'set', key: 'room:1', definition: 'room', seq: undefined })
    expect(words(trace.of('room:1'))).toEqual([
      ['written', 'set; seq 9 by n2'],
      ['written', 'here only; waits for the remote tier'],
    ])
    trace.close()
  })

  it('includes hits and misses from the first question on', () => {
    const { events, trace } = setUp()
    events.emit(hit('room:1'))
    expect(trace.of('room:1')).toEqual([])
    events.emit({ type: 'miss', key: 'room:1', definition: 'room' })
    events.emit(load('room:1'))
    events.emit({ type: 'hit', key: 'room:1', definition: 'room', tier: 'remote', state: 'stale' })
    events.emit(hit('room:2'))
    expect(words(trace.of('room:1'))).toEqual([
      ['miss', undefined],
      ['loaded', 'in 1.3 ms'],
      ['hit', 'remote, stale'],
    ])
    trace.close()
  })

  it('costs hits and evictions nothing until a key is inspected, and nothing again a while after', async () => {
    const { clock, events, trace } = setUp({ watchMs: 1_000 })
    expect(events.listens('hit')).toBe(false)
    expect(events.listens('remove')).toBe(false)
    trace.of('room:1')
    expect(events.listens('hit')).toBe(true)
    expect(events.listens('remove')).toBe(true)
    events.emit({ type: 'remove', key: 'room:1', cause: 'capacity' })
    events.emit({ type: 'remove', key: 'room:2', cause: 'capacity' })
    expect(words(trace.of('room:1'))).toEqual([['left memory', 'capacity']])
    await clock.advance(999)
    expect(events.listens('hit')).toBe(true)
    await clock.advance(1_001)
    expect(events.listens('hit')).toBe(false)
    trace.of('room:1')
    expect(events.listens('hit')).toBe(true)
    trace.close()
    expect(events.listens('hit')).toBe(false)
    expect(events.listens('load')).toBe(false)
  })

  it('keeps the events of a watched key apart from the traffic of others', () => {
    const { events, trace } = setUp({ recent: 10 })
    trace.of('room:1')
    events.emit(load('room:1'))
    for (let i = 0; i < 100; i++) events.emit(load('room:2'))
    expect(words(trace.of('room:1'))).toEqual([['loaded', 'in 1.3 ms']])
    trace.close()
  })

  it('is bounded: the newest events of each ring, and the keys inspected last', () => {
    const { events, trace } = setUp({ recent: 5, perKey: 3, watched: 2 })
    for (let i = 0; i < 20; i++) events.emit(applied(i, { type: 'clear' }))
    trace.of('a')
    trace.of('b')
    for (let i = 0; i < 20; i++) events.emit(hit('a'))
    expect(trace.of('a')).toHaveLength(5 + 3)
    expect(trace.of('a')[0]).toMatchObject({ detail: 'clear; seq 15 by n2' })
    trace.of('c')
    expect(words(trace.of('b')).filter(([what]) => what === 'hit')).toEqual([])
    for (let i = 0; i < 20; i++) events.emit(hit('a'))
    expect(words(trace.of('a')).filter(([what]) => what === 'hit')).toEqual([])
    trace.close()
  })
})
