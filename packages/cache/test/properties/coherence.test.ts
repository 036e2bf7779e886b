import { afterEach, describe, expect, it } from 'vitest'
import { type Cache, type CacheOptions, inProcessRemote, type RemoteFactory } from '../../src/index.js'
import { createCacheWithout, faultyRemote, type ProtocolPart, testCaches } from '../../src/testing/index.js'

/** The documented behaviours of the coherence protocol, one by one: several nodes, one remote tier, a virtual clock. */

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Rooms = ReturnType<typeof defineRooms>

function defineRooms(cache: Cache, load: (id: string) => Promise<string>) {
  return cache.define('room', { key: (id: string) => id, load, tags: (_value, id) => [`tag:${id}`] })
}

interface Node {
  readonly cache: Cache
  readonly rooms: Rooms
  /** What the loader was asked for. */
  readonly loads: string[]
  /** The next load reads the origin at once, but answers only when the returned function is called. */
  hold(): () => void
}

interface WorldOptions {
  readonly remote?: (inner: RemoteFactory) => RemoteFactory
  readonly cache?: CacheOptions
  readonly without?: readonly ProtocolPart[]
}

async function world(options: WorldOptions = {}) {
  const caches = testCaches()
  const backing = inProcessRemote()
  const network = faultyRemote(options.remote?.(backing) ?? backing)
  const origin = new Map<string, string>([
    ['r', 'v1'],
    ['other', 'v1'],
  ])
  const node = async (name: string): Promise<Node> => {
    const cacheOptions = { node: name, remote: network, clock: caches.clock, ...options.cache }
    const cache =
      options.without === undefined
        ? await caches.open(cacheOptions)
        : createCacheWithout(options.without, cacheOptions)
    closers.push(() => caches.settle(cache.close()))
    await caches.settle(cache.ready())
    const loads: string[] = []
    const gates: Promise<void>[] = []
    const rooms = defineRooms(cache, async (id) => {
      loads.push(id)
      const value = origin.get(id)
      await gates.shift()
      if (value === undefined) throw new Error(`no room ${id}`)
      return value
    })
    const hold = () => {
      let open: () => void = () => undefined
      gates.push(
        new Promise((resolve) => {
          open = resolve
        }),
      )
      return open
    }
    return { cache, rooms, loads, hold }
  }
  const { clock, settle } = caches
  return {
    caches,
    clock,
    settle,
    backing,
    faults: network.faults,
    origin,
    node,
    a: await node('a'),
    b: await node('b'),
  }
}

const COVERINGS: Record<string, (cache: Cache) => Promise<unknown>> = {
  'its key': (cache) => cache.invalidate({ key: 'room:r' }),
  'its tag': (cache) => cache.invalidate({ tag: 'tag:r' }),
  'its definition': (cache) => (cache.definitions.get('room') as Rooms).invalidateAll(),
  'a pattern': (cache) => cache.invalidate({ pattern: 'ro?m:*' }),
  'a regular expression': (cache) => cache.invalidate({ regex: /^room:r$/ }),
  clear: (cache) => cache.clear(),
  'a soft invalidation of its key': (cache) => cache.invalidate({ key: 'room:r', mode: 'expire' }),
  'a soft invalidation of its tag': (cache) => cache.invalidate({ tag: 'tag:r', mode: 'expire' }),
}

describe('an invalidation during a load is not undone by it', () => {
  for (const [covering, invalidate] of Object.entries(COVERINGS)) {
    for (const issuer of ['the same node', 'another node'] as const) {
      it(`by ${covering}, from ${issuer}`, async () => {
        const { a, b, origin, clock, settle } = await world()
        const release = a.hold()
        const early = a.rooms.get('r')
        await clock.flush()
        expect(a.loads).toEqual(['r'])
        origin.set('r', 'v2')
        await settle(invalidate(issuer === 'the same node' ? a.cache : b.cache))
        // Acknowledged: from now on the issuer's reads, also while the old load is still under way.
        const issuerNode = issuer === 'the same node' ? a : b
        const late = issuerNode.rooms.get('r')
        await clock.advance(10)
        release()
        expect(await settle(early)).toBe('v1')
        expect(await settle(late)).toBe('v2')
        expect(await settle(a.rooms.get('r'))).toBe('v2')
        expect(await settle(b.rooms.get('r'))).toBe('v2')
        expect(await settle((await nodeThatStartsLater(a)).get('r'))).toBe('v2')
      })

      it(`by ${covering}, from ${issuer}, when the load ends before the message arrives`, async () => {
        const { a, b, origin, clock, settle, faults } = await world()
        const release = a.hold()
        const early = a.rooms.get('r')
        await clock.flush()
        origin.set('r', 'v2')
        faults.delayNext('a', 100)
        await settle(invalidate(issuer === 'the same node' ? a.cache : b.cache))
        release()
        await clock.flush()
        expect(await settle(b.rooms.get('r', { freshness: 'remote' }))).toBe('v2')
        await clock.advance(200)
        expect(await settle(early)).toBe('v1')
        expect(await settle(a.rooms.get('r'))).toBe('v2')
        expect(await settle(b.rooms.get('r'))).toBe('v2')
      })
    }
  }

  /** Not a new process, but a read that knows nothing from memory. */
  async function nodeThatStartsLater({ rooms }: Node): Promise<{ get(id: string): Promise<string> }> {
    return { get: (id) => rooms.get(id, { freshness: 'remote' }) }
  }
})

describe('a set', () => {
  for (const setter of ['the same node', 'another node'] as const) {
    it(`that races a load on ${setter} is not undone by it`, async () => {
      const { a, b, origin, clock, settle } = await world()
      const release = a.hold()
      const early = a.rooms.get('r')
      await clock.flush()
      origin.set('r', 'v2')
      await settle((setter === 'the same node' ? a : b).rooms.set('r', 'v2'))
      release()
      await settle(early)
      await clock.advance(10)
      expect(await settle(a.rooms.get('r'))).toBe('v2')
      expect(await settle(b.rooms.get('r'))).toBe('v2')
      expect([a.loads, b.loads]).toEqual([['r'], []])
    })
  }

  it('on two nodes at once leaves one value for both: the later in the log', async () => {
    const { a, b, clock, settle } = await world()
    const receipts = await settle(Promise.all([a.rooms.set('r', 'by a'), b.rooms.set('r', 'by b')]))
    await clock.advance(10)
    const winner = (receipts[0].seq as number) > (receipts[1].seq as number) ? 'by a' : 'by b'
    expect([await settle(a.rooms.get('r')), await settle(b.rooms.get('r'))]).toEqual([winner, winner])
  })

  it('that overlaps an invalidation of its tag on another node is judged by the order of the log', async () => {
    const { a, b, origin, clock, settle, faults } = await world()
    faults.nextCall('a', { operation: 'commit', latencyMs: 50 })
    const set = a.rooms.set('r', 'v1')
    origin.set('r', 'v2')
    await settle(b.cache.invalidate({ tag: 'tag:r' }))
    await clock.advance(100)
    await settle(set)
    expect(await settle(a.rooms.get('r'))).toBe('v2')
    expect(await settle(b.rooms.get('r'))).toBe('v2')
  })
})

describe('messages', () => {
  it('that are lost are read again as soon as the next one shows the hole', async () => {
    const { a, b, origin, clock, settle, faults } = await world()
    await settle(Promise.all([a.rooms.get('r'), b.rooms.get('r')]))
    const repaired: unknown[] = []
    b.cache.on('log-repaired', ({ from, to }) => repaired.push([from, to]))
    origin.set('r', 'v2')
    faults.dropNext('b')
    const { seq } = await settle(a.rooms.invalidate('r'))
    await settle(a.cache.invalidate({ key: 'unrelated' }))
    await clock.advance(250)
    expect(repaired).toEqual([[seq, (seq as number) + 1]])
    expect(await settle(b.rooms.get('r'))).toBe('v2')
  })

  it('of which the last one is lost are noticed by the heartbeat, well within maxStaleness', async () => {
    const { a, b, origin, clock, settle, faults } = await world({ cache: { maxStaleness: '3s' } })
    await settle(Promise.all([a.rooms.get('r'), b.rooms.get('r')]))
    origin.set('r', 'v2')
    faults.dropNext('b')
    await settle(a.rooms.invalidate('r'))
    await clock.advance(3_000)
    expect(b.rooms.peek('r')).toBeUndefined()
    expect(b.cache.stats().log).toMatchObject({ repairs: 1, losses: 0 })
    expect(await settle(b.rooms.get('r'))).toBe('v2')
  })

  it('that arrive late, doubled and out of order change nothing', async () => {
    const { a, b, origin, clock, settle, faults } = await world()
    faults.profile('b', { messageDelay: [0, 150], duplicateMessage: 0.5 })
    for (let version = 2; version < 40; version++) {
      origin.set('r', `v${version}`)
      await settle(a.rooms.invalidate('r'))
      await clock.advance(5)
      if (version % 3 === 0) await settle(b.rooms.get('r'))
    }
    await clock.advance(300)
    expect(await settle(b.rooms.get('r'))).toBe('v39')
    expect(b.cache.stats().log).toMatchObject({ applied: a.cache.stats().log.applied, losses: 0 })
  })

  it('that were trimmed before they could be read again make memory suspect, until confirmed without a load', async () => {
    const { a, b, origin, clock, settle, faults, backing } = await world()
    for (const id of ['r', 'other']) {
      await settle(a.rooms.get(id))
      await settle(b.rooms.get(id))
    }
    const lost: unknown[] = []
    b.cache.on('log-lost', ({ reason }) => lost.push(reason))
    faults.cutSubscription('b')
    origin.set('r', 'v2')
    await settle(a.rooms.invalidate('r'))
    backing.trimLog(0)
    faults.heal('b')
    await clock.advance(100)
    expect(lost).toEqual(['trimmed'])
    expect(b.rooms.peek('other')).toBeUndefined()
    expect(await settle(b.rooms.get('r'))).toBe('v2')
    expect(await settle(b.rooms.get('other', { details: true }))).toEqual({
      value: 'v1',
      state: 'fresh',
      tier: 'remote',
    })
    expect(b.rooms.peek('other')?.value).toBe('v1')
    expect(b.loads).toEqual(['r'])
  })

  it('of a new epoch make memory suspect: what the remote tier no longer has is loaded again', async () => {
    const { a, b, origin, clock, settle, backing } = await world()
    await settle(Promise.all([a.rooms.get('r'), b.rooms.get('r')]))
    const lost: unknown[] = []
    b.cache.on('log-lost', ({ reason }) => lost.push(reason))
    origin.set('r', 'v2')
    backing.flush()
    await settle(a.rooms.invalidate('r'))
    await clock.advance(5_000)
    expect(lost).toEqual(['epoch'])
    expect(await settle(b.rooms.get('r'))).toBe('v2')
    expect(await settle(a.rooms.get('r'))).toBe('v2')
  })
})

describe('a node that has not heard the log for maxStaleness', () => {
  async function partitioned() {
    const outer = await world()
    const { caches, faults, clock, settle } = outer
    const { cache } = await outer.node('c')
    let reachable = true
    const define = (name: string, options: object) =>
      cache.define(name, {
        key: (id: string) => id,
        load: async () => {
          if (!reachable) throw new Error('origin away')
          return 'loaded'
        },
        ...options,
      })
    const kinds = {
      serve: define('serve', { onPartition: 'serve' }),
      revalidate: define('revalidate', { onPartition: 'revalidate' }),
      graceful: define('graceful', { onPartition: 'revalidate', grace: '1h' }),
      bypass: define('bypass', { onPartition: 'bypass', grace: '1h' }),
      patient: define('patient', { maxStaleness: '30s' }),
    }
    for (const kind of Object.values(kinds)) await settle(kind.set('k', 'cached'))
    const loseOrigin = () => {
      reachable = false
    }
    return { caches, clock, settle, faults, kinds, loseOrigin }
  }

  it('serves memory until then, and afterwards as each definition says', async () => {
    const { clock, settle, faults, kinds } = await partitioned()
    faults.cut('c')
    await clock.advance(3_000)
    for (const kind of Object.values(kinds)) expect(await settle(kind.get('k'))).toBe('cached')
    await clock.advance(2_500)
    expect(await settle(kinds.serve.get('k'))).toBe('cached')
    expect(await settle(kinds.patient.get('k'))).toBe('cached')
    for (const kind of [kinds.revalidate, kinds.graceful, kinds.bypass])
      expect(await settle(kind.get('k'))).toBe('loaded')
  })

  it('serves stale memory under fail-safe when the origin is away too, but never for bypass', async () => {
    const { clock, settle, faults, kinds, loseOrigin } = await partitioned()
    faults.cut('c')
    loseOrigin()
    await clock.advance(6_000)
    expect(await settle(kinds.graceful.get('k'))).toBe('cached')
    await expect(settle(kinds.revalidate.get('k'))).rejects.toMatchObject({ code: 'load-failed' })
    await expect(settle(kinds.bypass.get('k'))).rejects.toMatchObject({ code: 'load-failed' })
  })
})

describe("freshness: 'remote'", () => {
  it('sees an invalidation whose message was lost, at once', async () => {
    const { a, b, origin, settle, faults } = await world()
    await settle(Promise.all([a.rooms.get('r'), b.rooms.get('r')]))
    for (const [version, invalidate] of Object.entries(COVERINGS)) {
      origin.set('r', version)
      faults.dropNext('b')
      await settle(invalidate(a.cache))
      expect(await settle(b.rooms.get('r', { freshness: 'remote' }))).toBe(version)
    }
  })

  it('joins no flight that began before it', async () => {
    const { b, a, origin, clock, settle, faults } = await world()
    const release = b.hold()
    const early = b.rooms.get('r')
    await clock.flush()
    origin.set('r', 'v2')
    faults.dropNext('b')
    await settle(a.rooms.invalidate('r'))
    const late = b.rooms.get('r', { freshness: 'remote' })
    await clock.advance(10)
    release()
    expect([await settle(early), await settle(late)]).toEqual(['v1', 'v2'])
  })
})

describe('the lease', () => {
  it('lets four nodes with 250 callers each make one load', async () => {
    const outer = await world()
    const nodes = [outer.a, outer.b, await outer.node('c'), await outer.node('d')]
    const releases = nodes.map((node) => node.hold())
    const reads = nodes.flatMap((node) => Array.from({ length: 250 }, () => node.rooms.get('r')))
    await outer.clock.advance(1_000)
    for (const release of releases) release()
    expect(new Set(await outer.settle(Promise.all(reads)))).toEqual(new Set(['v1']))
    expect(nodes.flatMap(({ loads }) => loads)).toEqual(['r'])
  })

  it('wakes those who wait for the fill, who meanwhile ask nothing', async () => {
    const calls: string[] = []
    const { a, b, clock } = await world({ remote: (inner) => noting(inner, 'b', calls) })
    const release = a.hold()
    const first = a.rooms.get('r')
    await clock.flush()
    let answeredAt = 0
    const waiting = b.rooms.get('r').then((value) => {
      answeredAt = clock.now()
      return value
    })
    await clock.advance(10)
    calls.length = 0
    await clock.advance(1_500)
    expect(calls.filter((call) => !call.startsWith('log.'))).toEqual([])
    const releasedAt = clock.now()
    release()
    await clock.advance(20)
    expect(await Promise.all([first, waiting])).toEqual(['v1', 'v1'])
    expect(answeredAt - releasedAt).toBeLessThanOrEqual(5)
    expect([a.loads, b.loads]).toEqual([['r'], []])
  })

  it('is renewed while its holder loads, and replaced within its time when the holder is gone', async () => {
    const { a, b, clock, settle, faults } = await world({ cache: { remoteOptions: { lease: '2s' } } })
    a.hold()
    void a.rooms.get('r').catch(() => undefined)
    await clock.flush()
    const waiting = b.rooms.get('r')
    await clock.advance(10_000)
    expect(b.loads).toEqual([])
    faults.cut('a')
    const from = clock.now()
    expect(await settle(waiting)).toBe('v1')
    expect(b.loads).toEqual(['r'])
    expect(clock.now() - from).toBeLessThanOrEqual(2_100)
    await clock.advance(30_000)
  })

  it('lets twenty callers of a failing loader share one attempt', async () => {
    const { a, clock } = await world()
    const reads = Array.from({ length: 20 }, () => a.rooms.get('missing'))
    const outcomes = Promise.allSettled(reads)
    await clock.advance(10)
    expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(a.loads).toEqual(['missing'])
  })
})

describe('the recovery queue', () => {
  it('sends what was invalidated while the remote tier was away before anything is read or filled again', async () => {
    const calls: string[] = []
    const { a, b, origin, clock, settle, faults } = await world({ remote: (inner) => noting(inner, 'a', calls) })
    await settle(Promise.all([a.rooms.get('r'), b.rooms.get('r')]))
    faults.cut('a')
    origin.set('r', 'v2')
    expect(await settle(a.rooms.invalidate('r'))).toEqual({ seq: undefined, propagated: false })
    expect(await settle(a.rooms.get('r'))).toBe('v2')
    expect(a.cache.stats().log.recovering).toBe(1)
    calls.length = 0
    faults.heal('a')
    await settle(a.rooms.get('r', { freshness: 'remote' }))
    const first = (name: string) => calls.indexOf(name)
    expect(first('commit')).toBeGreaterThanOrEqual(0)
    expect(first('commit')).toBeLessThan(first('getWithPosition'))
    await clock.advance(10)
    expect(a.cache.stats().log.recovering).toBe(0)
    expect([await settle(a.rooms.get('r')), await settle(b.rooms.get('r'))]).toEqual(['v2', 'v2'])
  })

  it('also holds what was sent but not answered: an effect that happened twice is harmless', async () => {
    const { a, b, origin, clock, settle, faults } = await world()
    await settle(Promise.all([a.rooms.get('r'), b.rooms.get('r')]))
    origin.set('r', 'v2')
    faults.nextCall('a', { operation: 'commit', fail: 'after' })
    expect(await settle(a.rooms.invalidate('r'))).toMatchObject({ propagated: false })
    await clock.advance(5_000)
    expect(a.cache.stats().log.recovering).toBe(0)
    expect([await settle(a.rooms.get('r')), await settle(b.rooms.get('r'))]).toEqual(['v2', 'v2'])
  })
})

describe('each part of the protocol is needed: without it, its scenario shows a value that was invalidated', () => {
  /** Another node reads what the remote tier holds, and the answer is on its way while the key is invalidated. */
  const overtakenRead = async (without: readonly ProtocolPart[]) => {
    const { a, b, origin, clock, settle, faults } = await world({ without })
    await settle(b.rooms.get('r'))
    faults.nextCall('a', { operation: 'get', replyLatencyMs: 50 })
    const early = a.rooms.get('r')
    await clock.flush()
    origin.set('r', 'v2')
    await settle(b.rooms.invalidate('r'))
    await clock.advance(50)
    expect(await settle(early)).toBe('v1')
    return settle(a.rooms.get('r'))
  }
  /** A load ends after its key was invalidated, but before its node has heard of it. */
  const overtakenFill = async (without: readonly ProtocolPart[]) => {
    const { a, b, origin, clock, settle, faults } = await world({ without })
    const release = a.hold()
    const early = a.rooms.get('r')
    await clock.flush()
    origin.set('r', 'v2')
    faults.delayNext('a', 100)
    await settle(b.rooms.invalidate('r'))
    release()
    await settle(early)
    return settle(b.rooms.get('r'))
  }
  /** The last message, or the one before it, does not arrive. */
  const lostMessage = (another: boolean) => async (without: readonly ProtocolPart[]) => {
    const { a, b, origin, clock, settle, faults } = await world({ without })
    await settle(Promise.all([a.rooms.get('r'), b.rooms.get('r')]))
    origin.set('r', 'v2')
    faults.dropNext('b')
    await settle(a.rooms.invalidate('r'))
    if (another) await settle(a.cache.invalidate({ key: 'unrelated' }))
    await clock.advance(20_000)
    return settle(b.rooms.get('r'))
  }

  const scenarios = {
    fence: overtakenRead,
    lease: overtakenFill,
    replay: lostMessage(true),
    heartbeat: lostMessage(false),
  }
  for (const [part, scenario] of Object.entries(scenarios)) {
    it(part, async () => {
      expect(await scenario([part as ProtocolPart])).toBe('v1')
      expect(await scenario([])).toBe('v2')
    })
  }
})

/** The remote tier, noting the calls of one node by name. */
function noting(inner: RemoteFactory, node: string, calls: string[]): RemoteFactory {
  const watch = <T extends object>(target: T, prefix: string): T =>
    new Proxy(target, {
      get(object, property) {
        const member: unknown = Reflect.get(object, property, object)
        if (property === 'log') return watch(member as object, 'log.')
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          calls.push(`${prefix}${String(property)}`)
          return member.apply(object, args)
        }
      },
    })
  return {
    kind: inner.kind,
    open: (context) => {
      const tier = inner.open(context)
      return context.node.startsWith(`${node}-`) ? watch(tier, '') : tier
    },
  }
}
