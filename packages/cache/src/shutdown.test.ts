import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cache } from './cache.js'
import { createCache } from './create-cache.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { Logger } from './ports.js'
import { faultyRemote } from './testing/faulty-remote.js'
import { createVirtualClock, type VirtualClock } from './testing/virtual-clock.js'

let clock: VirtualClock
let warnings: string[]
let logger: Logger
beforeEach(() => {
  clock = createVirtualClock()
  warnings = []
  const note = (_details: object, message: string) => void warnings.push(message)
  logger = { debug: () => {}, info: () => {}, warn: note, error: note }
})
/** Nothing that a cache has set up outlives it. */
afterEach(async () => {
  // A message that is on its way arrives, and finds nobody.
  await clock.advance(1)
  expect(clock.pending).toBe(0)
})

const never = () => new Promise<never>(() => undefined)
const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => clock.setTimeout(() => resolve(value), ms))

describe('closing a cache', () => {
  it('lets loads under way end, and stores what they bring', async () => {
    const remote = inProcessRemote()
    const cache = createCache({ clock, logger, remote })
    await clock.runUntil(cache.ready())
    const loading = cache.getOrLoad('k', () => after(1_000, 'v'))
    await clock.flush()
    await clock.runUntil(cache.close())
    expect(await loading).toBe('v')
    const next = createCache({ clock, remote })
    expect(await clock.runUntil(next.get('k'))).toBe('v')
    await clock.runUntil(next.close())
    expect(warnings).toEqual([])
  })

  it('refuses what comes, gives up loads that hang after three quarters of its time, and says so', async () => {
    const cache = createCache({ clock, logger })
    await clock.runUntil(cache.ready())
    const hanging = cache.getOrLoad('k', never)
    const outcome = hanging.catch((error: Error) => error.message)
    await clock.flush()
    const began = clock.monotonic()
    const closing = cache.close({ timeout: '8s' })
    await expect(cache.getOrLoad('other', () => 1)).rejects.toMatchObject({ code: 'closed' })
    await clock.runUntil(closing)
    expect(clock.monotonic() - began).toBe(6_000)
    expect(await outcome).toMatch(/closed before the load ended/)
    expect(warnings).toEqual(['closing the cache went on without waiting'])
  })

  it('is done once, however often it is asked for', async () => {
    const cache = createCache({ clock })
    let closed = 0
    cache.on('close', () => closed++)
    const first = cache.close()
    expect(cache.close({ timeout: 1 })).toBe(first)
    await clock.runUntil(Promise.all([first, cache[Symbol.asyncDispose]()]))
    expect(closed).toBe(1)
  })

  it('sends what waits in the recovery queue, when the remote tier is there', async () => {
    const remote = faultyRemote(inProcessRemote())
    const open = (node: string) => createCache({ clock, logger, remote, node })
    const [writer, reader] = [open('writer'), open('reader')]
    await clock.runUntil(Promise.all([writer.ready(), reader.ready()]))
    await clock.runUntil(reader.getOrLoad('k', () => 'old'))
    remote.faults.cut('writer')
    expect(await clock.runUntil(writer.invalidate({ key: 'k' }))).toMatchObject({ propagated: false })
    remote.faults.heal('writer')
    await clock.runUntil(writer.close())
    expect(await clock.runUntil(reader.getOrLoad('k', () => 'new', { freshness: 'remote' }))).toBe('new')
    await clock.runUntil(reader.close())
    expect(warnings).toEqual([])
  })

  it('lets writes and invalidations under way reach the other nodes', async () => {
    const remote = faultyRemote(inProcessRemote())
    const open = (node: string) => createCache({ clock, logger, remote, node })
    const [writer, reader] = [open('writer'), open('reader')]
    await clock.runUntil(Promise.all([writer.ready(), reader.ready()]))
    let row = 'old'
    const rows = (cache: Cache) =>
      cache.define('row', {
        key: (id: string) => id,
        load: () => row,
        write: async (_id, value: string) => {
          await after(100, undefined)
          row = value
        },
      })
    const [here, there] = [rows(writer), rows(reader)]
    expect(await clock.runUntil(there.get('a'))).toBe('old')
    await clock.runUntil(reader.getOrLoad('k', () => 'old'))
    remote.faults.nextCall('writer', { operation: 'commit', latencyMs: 30 })
    const written = here.set('a', 'new')
    const invalidated = writer.invalidate({ key: 'k' })
    await clock.runUntil(writer.close())
    expect(await clock.runUntil(invalidated)).toMatchObject({ propagated: true })
    expect(await clock.runUntil(written)).toMatchObject({ propagated: true })
    await clock.advance(1)
    expect(await clock.runUntil(there.get('a'))).toBe('new')
    expect(reader.peek('k')).toBeUndefined()
    await clock.runUntil(reader.close())
    expect(warnings).toEqual([])
  })

  it('gives up writes that hang, and whoever waits for one is answered', async () => {
    const cache = createCache({ clock, logger })
    await clock.runUntil(cache.ready())
    const rows = cache.define('row', { key: (id: string) => id, load: () => 1, write: never })
    void rows.set('a', 2)
    const began = clock.monotonic()
    await clock.runUntil(cache.close())
    expect(clock.monotonic() - began).toBeLessThanOrEqual(2_000)
    expect(warnings).toEqual(['closing the cache went on without waiting'])
  })

  it('does not wait for a remote tier that is away, and says what could not be sent', async () => {
    const remote = faultyRemote(inProcessRemote())
    const cache = createCache({ clock, logger, remote, node: 'only' })
    await clock.runUntil(cache.ready())
    remote.faults.cut('only')
    await clock.runUntil(cache.invalidate({ key: 'k' }))
    const began = clock.monotonic()
    await clock.runUntil(cache.close())
    expect(clock.monotonic() - began).toBeLessThanOrEqual(2_000)
    expect(warnings).toEqual([
      'closed with invalidations that could not be sent: other nodes hear of them by maxStaleness at the latest',
    ])
  })

  it('refuses a timeout that is none', async () => {
    const cache = createCache({ clock })
    await expect(cache.close({ timeout: 'soon' as never })).rejects.toThrow(/^close\.timeout: /)
    await clock.runUntil(cache.close())
  })
})
