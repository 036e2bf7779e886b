import { beforeEach, describe, expect, it } from 'vitest'
import { CacheError, CacheTimeoutError } from '../errors.js'
import { inProcessRemote } from '../memory/in-process-remote.js'
import type { RemoteTier } from '../ports.js'
import { createVirtualClock, type VirtualClock } from '../testing/virtual-clock.js'
import { Breaker } from './breaker.js'
import { guardRemote } from './guarded-remote.js'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const never = () => new Promise<never>(() => undefined)

let clock: VirtualClock
let breaker: Breaker
beforeEach(() => {
  clock = createVirtualClock()
  breaker = new Breaker({ clock, onState: () => undefined })
})

/** A working tier whose methods a test replaces. */
async function tier(over: (inner: RemoteTier) => Partial<RemoteTier> = () => ({})) {
  const inner = inProcessRemote().open({ namespace: 'ns', node: 'node', clock, logger: quiet })
  await inner.connect()
  const replaced: RemoteTier = new Proxy(inner, {
    get(target, name) {
      const own = over(inner)[name as keyof RemoteTier]
      const member = own ?? Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return { inner, guarded: guardRemote(replaced, { clock, breaker, timeoutMs: 100 }) }
}

async function rejection(promise: Promise<unknown>): Promise<CacheError> {
  const error = await promise.then(
    () => expect.fail('expected a rejection'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CacheError)
  return error as CacheError
}

/** Every call that goes to the backend once, by name. */
const calls: readonly [string, (remote: RemoteTier) => Promise<unknown>][] = [
  ['get', (remote) => remote.get(['k'])],
  ['getWithPosition', (remote) => remote.getWithPosition(['k'])],
  ['remainingMs', (remote) => remote.remainingMs('k')],
  ['acquire', (remote) => remote.acquire('k', 't', 10)],
  ['renew', (remote) => remote.renew('k', 't', 10)],
  ['release', (remote) => remote.release('k', 't')],
  ['seize', (remote) => remote.seize('k', 't', 10)],
  ['fill', (remote) => remote.fill([])],
  ['commit', (remote) => remote.commit({ origin: 'o', values: [], operations: [{ type: 'clear' }] })],
  ['evict', (remote) => remote.evict(['k'])],
  ['log.position', (remote) => remote.log.position()],
  ['log.snapshot', (remote) => remote.log.snapshot()],
  ['log.read', (remote) => remote.log.read(0, 1)],
  ['log.tags', (remote) => remote.log.tags(['t'])],
  ['log.renew', (remote) => remote.log.renew('e')],
  ['log.retirePatterns', (remote) => remote.log.retirePatterns([1])],
]

describe('a guarded remote tier', () => {
  it.each(calls)('hands %s on, with its arguments and its answer', async (_, call) => {
    const direct = await call((await tier()).inner)
    const before = clock.pending
    const answer = await call((await tier()).guarded)
    const shape = (value: unknown) => (typeof value === 'object' && value !== null ? Object.keys(value) : value)
    expect(shape(answer)).toEqual(shape(direct))
    // The store of the one has as many timers as that of the other: the deadline is over.
    expect(clock.pending).toBe(2 * before)
  })

  it.each(calls)('answers for %s at the deadline when the backend does not', async (name, call) => {
    const { inner } = await tier()
    const silent = (target: object) => new Proxy(target, { get: (_, member) => (member === 'kind' ? 'redis' : never) })
    const hanging = new Proxy(inner, {
      get: (_, member) => (member === 'kind' ? 'redis' : member === 'log' ? silent(inner.log) : never),
    })
    const guarded = guardRemote(hanging, { clock, breaker, timeoutMs: 100 })
    const failure = rejection(call(guarded))
    await clock.advance(99)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    const error = await failure
    expect(error).toBeInstanceOf(CacheTimeoutError)
    expect(error).toMatchObject({
      code: 'remote-timeout',
      message: `redis: ${name} took longer than 100 ms`,
    })
  })

  it('refuses calls without asking the backend once it failed too often, and asks again after the rest', async () => {
    let asked = 0
    let works = false
    const { guarded } = await tier(() => ({
      get: async () => {
        asked++
        if (works) return []
        throw new CacheError('remote-unavailable', 'away')
      },
    }))
    for (let count = 0; count < 5; count++) expect((await rejection(guarded.get([]))).message).toBe('away')
    const refused = await rejection(guarded.get([]))
    expect(refused.code).toBe('remote-unavailable')
    expect(refused.message).toBe('in-process: get was refused: the breaker is open')
    expect(asked).toBe(5)
    works = true
    await clock.advance(500)
    expect(await guarded.get([])).toEqual([])
    expect(breaker.state).toBe('closed')
    expect(clock.pending).toBe(0)
  })

  it('counts a deadline as a failure', async () => {
    const { guarded } = await tier(() => ({ get: never }))
    const failures = Promise.allSettled(Array.from({ length: 5 }, () => guarded.get([])))
    await clock.advance(100)
    await failures
    expect(breaker.state).toBe('open')
  })

  it('treats a method that throws at once as one that fails', async () => {
    const { guarded } = await tier(() => ({
      get: () => {
        throw new CacheError('closed', 'the remote tier is closed')
      },
    }))
    expect((await rejection(guarded.get([]))).code).toBe('closed')
    expect(clock.pending).toBe(0)
  })

  it('lets the application know the state, subscribe and close whatever the breaker says', async () => {
    const { guarded } = await tier()
    for (let count = 0; count < 5; count++) breaker.failed()
    expect(breaker.state).toBe('open')
    expect(guarded.state()).toBe('up')
    const unsubscribe = await guarded.log.subscribe({ message: () => {}, up: () => {}, down: () => {} })
    await unsubscribe()
    for await (const _ of guarded.scan(10)) expect.fail('nothing was stored')
    await guarded.close()
    expect(guarded.state()).toBe('closed')
  })
})
