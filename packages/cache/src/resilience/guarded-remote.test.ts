import { beforeEach, describe, expect, it } from 'vitest'
import { type BreakerOptions, resolveBreaker } from '../breaker-options.js'
import { CacheError, CacheTimeoutError } from '../errors.js'
import { inProcessRemote } from '../memory/in-process-remote.js'
import type { Clock, RemoteState, RemoteTier } from '../ports.js'
import { createVirtualClock, type VirtualClock } from '../testing/virtual-clock.js'
import { guardRemote } from './guarded-remote.js'
import { OwedReleases } from './owed-releases.js'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const never = () => new Promise<never>(() => undefined)
const TIMEOUT_MS = 100
const COMMIT_TIMEOUT_MS = 1_000

let clock: VirtualClock
let changes: string[]
beforeEach(() => {
  clock = createVirtualClock()
  changes = []
})

/** A working tier whose methods a test replaces, and the guard around it. */
async function tier(
  over: (inner: RemoteTier) => Partial<RemoteTier> = () => ({}),
  {
    maxPending = 1_000,
    breaker = {},
    clock: given = clock,
  }: { maxPending?: number; breaker?: BreakerOptions; clock?: Clock } = {},
) {
  const inner = inProcessRemote().open({ namespace: 'ns', node: 'node', clock, logger: quiet })
  await inner.connect()
  const replaced: RemoteTier = new Proxy(inner, {
    get(target, name) {
      const own = over(inner)[name as keyof RemoteTier]
      const member = own ?? Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  const guard = guardRemote(replaced, {
    clock: given,
    timeoutMs: TIMEOUT_MS,
    commitTimeoutMs: COMMIT_TIMEOUT_MS,
    maxPending,
    breaker: resolveBreaker('breaker', breaker, TIMEOUT_MS),
    onState: (state, reason) => changes.push(`${state}: ${reason}`),
  })
  return { inner, guard, guarded: guard.remote }
}

/** A backend that can be told to answer, to be slow, to be silent, or to refuse. */
function moody() {
  const mood = { delayMs: 0, error: undefined as CacheError | undefined }
  const asked: string[] = []
  const answer =
    <T>(name: string, value: T) =>
    async (): Promise<T> => {
      asked.push(name)
      const { delayMs, error } = mood
      if (delayMs === Number.POSITIVE_INFINITY) return never()
      if (delayMs > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, delayMs))
      if (error !== undefined) throw error
      return value
    }
  const over = (inner: RemoteTier): Partial<RemoteTier> => ({
    get: answer('get', []),
    fill: answer('fill', []),
    commit: answer('commit', { logged: false as const, error: undefined }),
    log: new Proxy(inner.log, {
      get: (target, name) =>
        name === 'position' ? answer('position', { epoch: 'e', seq: 0, id: '' }) : Reflect.get(target, name),
    }),
  })
  return { mood, asked, over }
}

async function rejection(promise: Promise<unknown>): Promise<CacheError> {
  const error = await promise.then(
    () => expect.fail('expected a rejection'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CacheError)
  return error as CacheError
}

/** Every call that goes to the backend once, by name, with what it may take. */
const calls: readonly [string, number, (remote: RemoteTier) => Promise<unknown>][] = [
  ['get', 100, (remote) => remote.get(['k'])],
  ['getWithPosition', 100, (remote) => remote.getWithPosition(['k'])],
  ['remainingMs', 100, (remote) => remote.remainingMs('k')],
  ['acquire', 100, (remote) => remote.acquire('k', 't', 10)],
  ['renew', 1_000, (remote) => remote.renew('k', 't', 10)],
  ['release', 1_000, (remote) => remote.release('k', 't')],
  ['seize', 100, (remote) => remote.seize('k', 't', 10)],
  ['fill', 100, (remote) => remote.fill([])],
  ['commit', 1_000, (remote) => remote.commit({ origin: 'o', values: [], operations: [{ type: 'clear' }] })],
  ['log.position', 100, (remote) => remote.log.position()],
  ['log.snapshot', 150, (remote) => remote.log.snapshot()],
  ['log.read', 100.1, (remote) => remote.log.read(0, 1)],
  ['log.tags', 100.1, (remote) => remote.log.tags(['t'])],
  ['log.renew', 1_000, (remote) => remote.log.renew('e')],
  ['log.retirePatterns', 1_000, (remote) => remote.log.retirePatterns([1])],
]

describe('a guarded remote tier', () => {
  it.each(calls)('hands %s on, with its arguments and its answer', async (_, deadlineMs, call) => {
    const direct = await call((await tier()).inner)
    const before = clock.pending
    const answer = await call((await tier()).guarded)
    const shape = (value: unknown) => (typeof value === 'object' && value !== null ? Object.keys(value) : value)
    expect(shape(answer)).toEqual(shape(direct))
    // The store of the one has as many timers as that of the other: once the deadline is over, nothing is left of it.
    expect(clock.pending).toBeLessThanOrEqual(2 * before + 1)
    await clock.advance(deadlineMs)
    expect(clock.pending).toBeLessThanOrEqual(2 * before)
  })

  it.each(calls)('answers for %s at its deadline when only this call is late', async (name, deadlineMs, call) => {
    const late = (target: object): never =>
      new Proxy(target, {
        get: (inner, member) => {
          if (['holdsUpMs', 'structures', 'board'].includes(String(member))) return undefined
          if (member === 'kind') return 'redis'
          if (member === 'log') return late(Reflect.get(inner, member) as object)
          if (member === 'remainingMs' && name !== 'remainingMs') return async () => 1
          return ['state', 'onState'].includes(String(member)) ? Reflect.get(inner, member).bind(inner) : never
        },
      }) as never
    const { inner } = await tier()
    const { remote } = guardRemote(late(inner), {
      clock,
      timeoutMs: TIMEOUT_MS,
      commitTimeoutMs: COMMIT_TIMEOUT_MS,
      maxPending: 10,
      breaker: resolveBreaker('breaker', {}, TIMEOUT_MS),
      onState: () => undefined,
    })
    let error: unknown
    const failure = call(remote).catch((reason: unknown) => {
      error = reason
    })
    // Another call is answered meanwhile: the backend is not silent.
    await clock.advance(1)
    if (name !== 'remainingMs') await remote.remainingMs('k')
    await clock.advance(deadlineMs - 2)
    expect(error).toBeUndefined()
    await clock.advance(6)
    await failure
    expect(error).toBeInstanceOf(CacheTimeoutError)
    expect(error).toMatchObject({ code: 'remote-timeout' })
    expect((error as Error).message).toMatch(new RegExp(`^redis: ${name.replace('.', '\\.')} was not answered within `))
  })

  it('gives many keys and long values more time', async () => {
    const { mood, over } = moody()
    const { guarded } = await tier(over)
    mood.delayMs = 500
    const read = guarded.get(Array.from({ length: 1_001 }, (_, at) => `key ${at}`))
    const write = guarded.fill([{ key: 'k', token: 't', expiresInMs: 1, bytes: new Uint8Array(25_000_000) }])
    await clock.runUntil(Promise.all([read, write]))
    expect(changes).toEqual([])
  })

  it('treats a method that throws at once as one that fails', async () => {
    const { guarded } = await tier(() => ({
      get: () => {
        throw new CacheError('closed', 'the remote tier is closed')
      },
    }))
    expect((await rejection(guarded.get([]))).code).toBe('closed')
    await clock.advance(100)
    expect(clock.pending).toBe(0)
  })

  it('refuses calls beyond its limit at once, those included that the client still holds after their deadline', async () => {
    const { mood, over } = moody()
    const { guarded, guard } = await tier(over, { maxPending: 3 })
    mood.delayMs = 5_000
    const held = [guarded.commit, guarded.commit, guarded.commit].map((commit) =>
      rejection(commit({ origin: 'o', values: [], operations: [] })),
    )
    const refused = await rejection(guarded.get(['k']))
    expect(refused).toMatchObject({ code: 'remote-unavailable' })
    expect(refused.message).toBe(
      'in-process: get was refused: 3 calls are under way, as many as remoteOptions.maxPending allows',
    )
    await clock.advance(1_100)
    await Promise.all(held)
    expect(guard.breakerState).not.toBe('closed')
    mood.delayMs = 0
    await clock.advance(8_000)
    expect(guard.breakerState).toBe('closed')
    expect(await guarded.get(['k'])).toEqual([])
  })

  it('lets the application know the state, subscribe and close whatever the breaker says', async () => {
    const { mood, over } = moody()
    const { guarded, guard } = await tier(over)
    mood.delayMs = Number.POSITIVE_INFINITY
    const failed = rejection(guarded.get(['k']))
    await clock.advance(101)
    await failed
    expect(guard.breakerState).toBe('open')
    expect(guarded.state()).toBe('up')
    const unsubscribe = await guarded.log.subscribe({ message: () => {}, up: () => {}, down: () => {} })
    await unsubscribe()
    for await (const _ of guarded.scan(10)) expect.fail('nothing was stored')
    await guarded.close()
    expect(guarded.state()).toBe('closed')
    expect(clock.pending).toBe(0)
  })
})

describe('a backend that stops answering', () => {
  it('is given up when the first call is late, for all calls at once and after any number of good ones', async () => {
    const { mood, asked, over } = moody()
    const { guarded } = await tier(over)
    for (let count = 0; count < 1_000; count++) await guarded.get(['k'])
    mood.delayMs = Number.POSITIVE_INFINITY
    const first = rejection(guarded.get(['k']))
    await clock.advance(60)
    const others = [guarded.get(['k']), guarded.commit({ origin: 'o', values: [], operations: [] })].map(rejection)
    await clock.advance(39)
    expect(changes).toEqual([])
    await clock.advance(1)
    expect(changes).toEqual(['open: silence'])
    expect((await first).message).toBe('in-process: get was not answered within 100 ms')
    for (const error of await Promise.all(others)) expect(error.code).toBe('remote-timeout')
    const asksSoFar = asked.length
    const refused = await rejection(guarded.get(['k']))
    expect(refused.message).toBe('in-process: get was refused: the breaker is open')
    expect(refused.code).toBe('remote-unavailable')
    expect(asked.length).toBe(asksSoFar)
  })

  it('is also given up when it answers everything, but too late', async () => {
    const { mood, over } = moody()
    const { guarded } = await tier(over)
    for (let count = 0; count < 1_000; count++) await guarded.get(['k'])
    mood.delayMs = 300
    const late: Promise<unknown>[] = []
    for (let count = 0; count < 10; count++) {
      late.push(rejection(guarded.get(['k'])))
      await clock.advance(10)
    }
    await clock.advance(1)
    expect(changes).toEqual(['open: silence'])
    await Promise.all(late)
  })

  it('is not taken for silent when this process was busy while the answer came', async () => {
    const { mood, over } = moody()
    const { guarded } = await tier(over)
    mood.delayMs = 97
    // Answers that are due between the first look (after 95 ms) and the verdict are what a busy process finds in its
    // sockets.
    const reads = Array.from({ length: 3 }, () => guarded.get(['k']))
    await clock.runUntil(Promise.all(reads))
    expect(changes).toEqual([])
  })

  it('is given up as soon when a thousand calls at once wait for it', async () => {
    const { guarded } = await tier(() => ({ get: never }))
    const reads = Promise.allSettled(Array.from({ length: 900 }, () => guarded.get(['k'])))
    await clock.advance(TIMEOUT_MS)
    expect(new Set((await reads).map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(changes[0]).toBe('open: silence')
  })

  it('is not taken for silent when the second look comes late, too, and the answer after it', async () => {
    let notScheduledMs = 0
    const late: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + notScheduledMs,
      setTimeout: (run, delayMs) => clock.setTimeout(run, delayMs),
      clearTimeout: (timer) => clock.clearTimeout(timer),
      random: () => clock.random(),
    }
    const { mood, over } = moody()
    const { guarded } = await tier(over, { clock: late })
    mood.delayMs = 102
    const read = guarded.get(['k'])
    // The first look is after 95 ms. Until the second this process does not run, nor read what has come.
    await clock.advance(96)
    notScheduledMs = 60
    await clock.advance(7)
    expect(await read).toEqual([])
    expect(changes).toEqual([])
  })

  it('is not given up for one late call while others are answered', async () => {
    const { mood, over } = moody()
    const { guarded } = await tier(over)
    mood.delayMs = Number.POSITIVE_INFINITY
    const late = rejection(guarded.get(['k']))
    mood.delayMs = 0
    await clock.advance(50)
    await guarded.get(['k'])
    await clock.advance(60)
    expect((await late).code).toBe('remote-timeout')
    expect(changes).toEqual([])
  })

  it('is probed in the background after each rest, and used again once it has answered three probes', async () => {
    const { mood, asked, over } = moody()
    const { guarded, guard } = await tier(over, { breaker: { rest: 200, maxRest: 400 } })
    mood.delayMs = Number.POSITIVE_INFINITY
    const failed = rejection(guarded.get(['k']))
    await clock.advance(100)
    await failed
    asked.length = 0
    // Rests are up to 30 % shorter, and an unanswered probe takes 100 ms.
    await clock.advance(200 + 100 + 400 + 100)
    expect(asked).toEqual(['position', 'position'])
    expect(guard.breakerState).toBe('open')
    asked.length = 0
    mood.delayMs = 5
    await clock.advance(500)
    expect(asked).toEqual(['position', 'position', 'position'])
    expect(guard.breakerState).toBe('closed')
    expect(changes.at(-1)).toBe('closed: probe')
    expect(clock.pending).toBe(0)
  })

  it('is not used again while its probes are answered too late', async () => {
    const { mood, over } = moody()
    const { guarded, guard } = await tier(over)
    mood.delayMs = 200
    const failed = rejection(guarded.get(['k']))
    await clock.advance(10_000)
    await failed
    expect(guard.breakerState).not.toBe('closed')
    mood.delayMs = 20
    await clock.advance(1_500)
    expect(guard.breakerState).toBe('closed')
  })
})

describe('a backend that is slow or fails', () => {
  it('is given up at the failure rate', async () => {
    const { mood, over } = moody()
    const { guarded } = await tier(over)
    mood.error = new CacheError('remote-failed', 'WRONGTYPE')
    for (let count = 0; count < 10; count++) await rejection(guarded.get(['k']))
    expect(changes).toEqual(['open: failures'])
  })

  it('is given up at the rate of slow calls', async () => {
    const { mood, over } = moody()
    const { guarded } = await tier(over)
    mood.delayMs = 60
    for (let count = 0; count < 10; count++) await clock.runUntil(guarded.get(['k']))
    expect(changes).toEqual(['open: slow-calls'])
  })

  it('is not given up for the queue of a thousand calls at once, of which the last are answered late', async () => {
    let answered = 0
    const { guarded } = await tier(() => ({
      // One after the other, as a server answers: 0.4 ms each.
      get: () => new Promise((resolve) => clock.setTimeout(() => resolve([]), ++answered * 0.4)),
    }))
    const reads = Promise.all(Array.from({ length: 900 }, () => guarded.get(['k'])))
    await clock.advance(400)
    expect(await reads).toHaveLength(900)
    expect(changes).toEqual([])
  })

  it('goes on being read when it only refuses writes, as a server does that is out of memory', async () => {
    const { mood, over } = moody()
    const { guarded } = await tier(over)
    mood.error = new CacheError('remote-failed', 'OOM command not allowed')
    for (let count = 0; count < 100; count++) await rejection(guarded.fill([]))
    expect(changes).toEqual([])
  })

  it('tells of the latest refused write until one of its kind is accepted', async () => {
    const { mood, over } = moody()
    const { guard, guarded } = await tier(over)
    const refuse = (code: string) => {
      const cause = new Error(`${code} command not allowed. script: 1f2e, on @user_script:3.`)
      mood.error = new CacheError('remote-failed', `redis: ${cause.message}`, { cause })
    }
    expect(guard.writeRefusal).toBeUndefined()
    refuse('OOM')
    await rejection(guarded.fill([]))
    await clock.advance(5)
    refuse('MISCONF')
    await rejection(guarded.commit({ origin: 'node', values: [], operations: [] }))
    await rejection(guarded.get(['k']))
    expect(guard.writeRefusal).toEqual({ operation: 'commit', reason: 'MISCONF command not allowed', at: clock.now() })
    mood.error = undefined
    await guarded.commit({ origin: 'node', values: [], operations: [] })
    await guarded.get(['k'])
    expect(guard.writeRefusal).toMatchObject({ operation: 'fill', reason: 'OOM command not allowed' })
    await guarded.fill([])
    expect(guard.writeRefusal).toBeUndefined()
  })
})

describe('a lost connection', () => {
  /** A tier whose connection the test cuts and restores. */
  async function cuttable() {
    let state: RemoteState = 'up'
    let tell: (state: RemoteState) => void = () => undefined
    const behaviour = moody()
    const { guarded, guard } = await tier((inner) => ({
      ...behaviour.over(inner),
      state: () => state,
      onState: (listener) => {
        tell = listener
        return () => undefined
      },
    }))
    const become = (next: RemoteState) => {
      state = next
      tell(next)
    }
    return { ...behaviour, guarded, guard, become }
  }

  it('fails what is under way and refuses what comes, both at once and without opening the breaker', async () => {
    const { mood, asked, guarded, become } = await cuttable()
    mood.delayMs = Number.POSITIVE_INFINITY
    const underWay = rejection(guarded.get(['k']))
    become('down')
    expect((await underWay).message).toBe('in-process: get: the connection was lost')
    const refused = await rejection(guarded.get(['k']))
    expect(refused.message).toBe('in-process: get was refused: the connection is down')
    expect(asked).toEqual(['get'])
    expect(changes).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('that is back is a reason to probe at once', async () => {
    const { mood, guarded, guard, become } = await cuttable()
    mood.delayMs = Number.POSITIVE_INFINITY
    const silent = rejection(guarded.get(['k']))
    await clock.advance(100)
    await silent
    become('down')
    mood.delayMs = 0
    become('up')
    await clock.flush()
    expect(guard.breakerState).toBe('closed')
    expect(await guarded.get(['k'])).toEqual([])
  })
})

describe('a retry', () => {
  const loading = new CacheError('remote-unavailable', 'LOADING Redis is loading the dataset in memory')

  /** A tier that fails the first calls of each kind with an error. */
  async function failing(error: CacheError, times: number) {
    const asked: string[] = []
    const answer = (name: string, value: unknown) => async () => {
      asked.push(name)
      if (asked.filter((one) => one === name).length <= times) throw error
      return value as never
    }
    const { guarded } = await tier(() => ({
      get: answer('get', []),
      fill: answer('fill', []),
      acquire: answer('acquire', { granted: true }),
      commit: answer('commit', undefined),
      renew: answer('renew', true),
    }))
    return { asked, guarded }
  }

  it('is made once, after a moment, for a read that the backend could not serve just now', async () => {
    const { asked, guarded } = await failing(loading, 1)
    const read = guarded.get(['k'])
    await clock.flush()
    expect(asked).toEqual(['get'])
    expect(await clock.runUntil(read, 20)).toEqual([])
    expect(asked).toEqual(['get', 'get'])
  })

  it('is not made a second time', async () => {
    const { asked, guarded } = await failing(loading, 2)
    expect(await clock.runUntil(rejection(guarded.get(['k'])))).toBe(loading)
    expect(asked).toEqual(['get', 'get'])
  })

  it('is never made for what may have been done already', async () => {
    const { asked, guarded } = await failing(loading, 1)
    await rejection(guarded.fill([]))
    await rejection(guarded.acquire('k', 't', 1))
    await rejection(guarded.commit({ origin: 'o', values: [], operations: [] }))
    expect(asked).toEqual(['fill', 'acquire', 'commit'])
    expect(await clock.runUntil(guarded.renew('k', 't', 1))).toBe(true)
  })

  it('is not made after a refusal, which would be the same again', async () => {
    const { asked, guarded } = await failing(new CacheError('remote-failed', 'WRONGTYPE'), 1)
    await rejection(guarded.get(['k']))
    expect(asked).toEqual(['get'])
  })

  it('is not made for a call that fails after it was given up', async () => {
    let asked = 0
    const { guarded } = await tier(() => ({
      get: async () => {
        asked++
        await new Promise<void>((resolve) => clock.setTimeout(resolve, TIMEOUT_MS * 3))
        throw loading
      },
    }))
    const given = await clock.runUntil(rejection(guarded.get(['k'])))
    expect(given).toMatchObject({ code: 'remote-timeout' })
    await clock.advance(TIMEOUT_MS * 5)
    expect(asked).toBe(1)
  })

  it('has a budget of one call in ten in the long run', async () => {
    let asked = 0
    const { guarded } = await tier(
      () => ({
        get: async () => {
          asked++
          throw loading
        },
      }),
      { breaker: { failureRate: 1, minimumCalls: 1_000_000 } },
    )
    for (let count = 0; count < 1_000; count++) await clock.runUntil(rejection(guarded.get(['k'])))
    expect(asked).toBeGreaterThan(1_050)
    expect(asked).toBeLessThan(1_150)
  })
})

describe('a lease that this node may hold unknown to itself', () => {
  it('is given back when the backend answers again: what could not be released, and what was perhaps granted', async () => {
    const held = new Set<string>()
    let silent = false
    const whenHeard = async <T>(act: () => T): Promise<T> => {
      // What was asked of a paused server is done when it goes on.
      while (silent) await new Promise<void>((resolve) => clock.setTimeout(resolve, 10))
      return act()
    }
    const { guarded, guard } = await tier((inner) => ({
      acquire: (_key, token) =>
        whenHeard(() => {
          held.add(token)
          return { granted: true }
        }),
      release: (_key, token) => whenHeard(() => void held.delete(token)),
      log: new Proxy(inner.log, {
        get: (log, name) =>
          name === 'position' ? () => whenHeard(() => log.position()) : Reflect.get(log, name).bind(log),
      }),
    }))
    await guarded.acquire('known', 'a', 5_000)
    silent = true
    const unknown = rejection(guarded.acquire('unknown', 'b', 5_000))
    await clock.advance(100)
    await unknown
    expect((await rejection(guarded.release('known', 'a'))).code).toBe('remote-unavailable')
    silent = false
    await clock.advance(1_000)
    expect(guard.breakerState).toBe('closed')
    expect([...held]).toEqual([])
  })

  it('is given back when it was granted too late, although nothing else was amiss', async () => {
    const held = new Set<string>()
    const { guarded, guard } = await tier(() => ({
      acquire: async (_key, token) => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 2 * TIMEOUT_MS))
        held.add(token)
        return { granted: true }
      },
      release: async (_key, token) => void held.delete(token),
    }))
    const late = rejection(guarded.acquire('k', 'token', 5_000))
    // Answered while the other is under way: it is late, but the backend is not silent.
    for (let step = 0; step < 15; step++) {
      await clock.advance(10)
      await guarded.get(['other'])
    }
    expect((await late).code).toBe('remote-timeout')
    await clock.advance(TIMEOUT_MS)
    expect(guard.breakerState).toBe('closed')
    expect([...held]).toEqual([])
  })

  it('is remembered until it could be given back, of very many the newest', async () => {
    const released: string[] = []
    let works = false
    const owed = new OwedReleases(async (key) => {
      if (!works) throw new Error('away')
      released.push(key)
    })
    for (let at = 0; at < 10_250; at++) owed.add(`key ${at}`, `token ${at}`)
    expect(owed.size).toBe(10_000)
    await owed.settle()
    expect(owed.size).toBe(10_000)
    works = true
    await Promise.all([owed.settle(), owed.settle()])
    expect([owed.size, released.length, released[0]]).toEqual([0, 10_000, 'key 250'])
  })
})
