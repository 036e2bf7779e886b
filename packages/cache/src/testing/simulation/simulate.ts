import type { Cache } from '../../cache.js'
import type { Definition } from '../../definition.js'
import { CacheError } from '../../errors.js'
import { inProcessRemote } from '../../memory/in-process-remote.js'
import type { EntryOptions } from '../../options.js'
import type { InvalidationMode } from '../../ports.js'
import { createCacheWithout, type ProtocolPart } from '../compose.js'
import { faultyRemote } from '../faulty-remote.js'
import { createVirtualClock } from '../virtual-clock.js'
import { type Action, type Scope, workload } from './actions.js'
import { History, type InvalidationRecord, type Taken, type Violation } from './history.js'

export interface SimulationOptions {
  readonly seed: number
  /** Default: 150 actions by 3 nodes on 4 keys. */
  readonly actions?: number
  readonly nodes?: number
  readonly keys?: number
  /**
   * `'steady'` (default): each load takes up to 30 ms. `'eventful'`: some take longer than their hard timeout and
   * ignore their signal, some fail, few may run at a time, and values are refreshed ahead, early, and while stale.
   */
  readonly loads?: 'steady' | 'eventful'
  /** Parts of the protocol to switch off. */
  readonly without?: readonly ProtocolPart[]
  /** Actions to perform instead of the seed's own; the seed still decides latencies. */
  readonly replay?: readonly Action[]
}

export interface SimulationReport {
  readonly seed: number
  readonly reads: number
  readonly invalidations: number
  /** Ranges of messages read again, and logs lost: what the protocol had to repair. */
  readonly repairs: number
  readonly losses: number
  /** How long after its acknowledgement an invalidation was still unseen by some read, in milliseconds. */
  readonly longestStalenessMs: number
  readonly violation: Violation | undefined
  /** What never ended, failed, or was still old after everything had healed. */
  readonly unsettled: readonly string[]
  readonly actions: readonly Action[]
}

/** The bound that the simulated caches promise. */
export const SIMULATED_STALENESS_MS = 2_000

const WEATHER = {
  latency: [0, 4],
  replyLatency: [0, 4],
  messageDelay: [0, 6],
  dropMessage: 0.03,
  duplicateMessage: 0.03,
} as const
const SLOWEST_LOAD_MS = 30
const TAGS = 2
/** Loads that outlive all of these, and the errors that readers may meet for it. */
const EVENTFUL = {
  hardTimeout: 80,
  lostAfter: 300,
  retries: 1,
  retryDelay: 20,
  onPartition: 'bypass',
  refreshAhead: 0.6,
  earlyRefresh: { beta: 3 },
  bulkhead: { concurrency: 2, queue: 3 },
} as const
const SLOWEST_EVENTFUL_LOAD_MS = 500
const EXPECTED_ERRORS: readonly unknown[] = ['load-timeout', 'load-failed', 'overloaded']

/**
 * Runs nodes of the real cache over a remote tier and a bus in which things go wrong, on a virtual clock: the same seed
 * gives the same interleaving, to the last promise. What every read returned is then held against the promise.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const { seed, nodes = 3, keys = 4 } = options
  const actions = options.replay ?? workload(seed, { actions: options.actions ?? 150, nodes, keys })
  const world = new World(seed, nodes, keys, options.without ?? [], options.loads === 'eventful')
  const unsettled = await world.run(actions)
  const { history } = world
  const figures = world.caches.map((cache) => cache.stats().log)
  await world.close()
  return {
    seed,
    reads: history.reads.length,
    invalidations: history.invalidations.length,
    repairs: figures.reduce((sum, { repairs }) => sum + repairs, 0),
    losses: figures.reduce((sum, { losses }) => sum + losses, 0),
    longestStalenessMs: history.longestStaleness(covers),
    violation: history.violation(SIMULATED_STALENESS_MS, covers),
    unsettled,
    actions,
  }
}

/** The origin, the nodes, and what happened to them. */
class World {
  readonly history: History
  readonly caches: Cache[] = []
  readonly #clock
  readonly #store
  readonly #remote
  readonly #startedAt: number
  readonly #graceful: boolean
  readonly #life: EntryOptions & { bulkhead?: { concurrency: number; queue: number } }
  readonly #origin: number[]
  readonly #things: Definition<[number], Taken>[] = []
  readonly #underWay = new Map<Promise<unknown>, string>()
  readonly #failures: string[] = []
  #eventful: boolean
  /** Keys that were set: two nodes may set in another order than they changed the origin, which no cache can know. */
  readonly #set = new Set<number>()

  constructor(seed: number, nodes: number, keys: number, without: readonly ProtocolPart[], eventful: boolean) {
    this.#eventful = eventful
    this.#clock = createVirtualClock({ seed })
    this.#store = inProcessRemote({ logLength: 40, maxTags: 6 })
    this.#remote = faultyRemote(this.#store, { seed })
    this.#startedAt = this.#clock.now()
    this.#origin = Array.from({ length: keys }, () => 0)
    this.history = new History(nodes)
    // Every other world keeps what is past its ttl for grace, and serves it while a load takes its time.
    this.#graceful = seed % 2 === 1
    this.#life = {
      ...(this.#graceful ? { ttl: '3s', grace: '1h', softTimeout: 10 } : { ttl: eventful ? '2s' : '1h' }),
      ...(eventful && this.#graceful ? { staleWhileRevalidate: '1s', graceThrottle: 50 } : {}),
      ...(eventful ? EVENTFUL : {}),
    }
    for (let node = 0; node < nodes; node++) this.#open(node, without)
  }

  /** Performs the actions, lets everything heal, and tells what did not settle. */
  async run(actions: readonly Action[]): Promise<string[]> {
    await this.#clock.advance(50)
    for (const action of actions) {
      await this.#clock.advance(Math.max(0, action.at + 50 - this.#elapsed()))
      this.#perform(action)
    }
    for (let node = 0; node < this.caches.length; node++) {
      this.#remote.faults.heal(`n${node}`)
      this.#remote.faults.calm(`n${node}`)
    }
    await this.#clock.advance(8 * SIMULATED_STALENESS_MS)
    this.#eventful = false
    const stuck = [...this.#underWay.values()].map((what) => `never ended: ${what}`)
    return [...this.#failures, ...stuck, ...(await this.#stillOld())]
  }

  close(): Promise<unknown> {
    return this.#clock.runUntil(Promise.all(this.caches.map((cache) => cache.close())))
  }

  #open(node: number, without: readonly ProtocolPart[]): void {
    const { history } = this
    this.#remote.faults.profile(`n${node}`, WEATHER)
    const cache = createCacheWithout(without, {
      node: `n${node}`,
      clock: this.#clock,
      remote: this.#remote,
      maxStaleness: SIMULATED_STALENESS_MS,
      memory: { maxEntries: 3 },
      remoteOptions: { timeout: 250, lease: 600 },
      defaults: { hardTimeout: 5_000 },
    })
    cache.on('applied', ({ epoch, seq }) => {
      const place = `${epoch}:${seq}`
      if (!history.applied[node]?.has(place)) history.applied[node]?.set(place, history.moment())
    })
    this.caches.push(cache)
    this.#things.push(
      cache.define('thing', {
        key: (key: number) => key,
        load: (key) => {
          const taken = this.#take(key)
          const chance = this.#eventful ? this.#clock.random() : 1
          if (chance < 0.15) return this.#after(this.#clock.random() * SLOWEST_EVENTFUL_LOAD_MS, taken)
          if (chance < 0.25) throw new Error('the origin is away for a moment')
          return this.#after(this.#clock.random() * SLOWEST_LOAD_MS, taken)
        },
        tags: ({ key }) => [`tag ${key % TAGS}`],
        ...this.#life,
      }),
    )
  }

  #take(key: number): Taken {
    const serial = this.history.since.push(this.history.moment()) - 1
    return { key, version: this.#origin[key] as number, serial }
  }

  #perform(action: Action): void {
    const { faults } = this.#remote
    const node = `n${action.node}`
    switch (action.do) {
      case 'read':
        this.#watch(action, this.#read(action))
        break
      case 'write':
        this.#watch(action, this.#write(action))
        break
      case 'set':
        this.#watch(action, this.#setNew(action))
        break
      case 'cut':
        faults.cut(node)
        break
      case 'cutSubscription':
        faults.cutSubscription(node)
        break
      case 'heal':
        faults.heal(node)
        break
      case 'drop':
        faults.dropNext(node)
        break
      case 'duplicate':
        faults.duplicateNext(node)
        break
      case 'delay':
        faults.delayNext(node, action.ms)
        break
      case 'fail':
        faults.nextCall(node, { fail: action.when })
        break
      case 'trim':
        this.#store.trimLog(1)
        break
      case 'flush':
        this.#store.flush()
        break
      case 'loseHead':
        this.#store.lose('head')
        break
      case 'loseTags':
        this.#store.lose('tags')
        break
      case 'loseStream':
        this.#store.lose('stream')
        break
      case 'loseLeases':
        this.#store.lose('leases')
        break
    }
  }

  async #read({ node, key, freshness }: Extract<Action, { do: 'read' }>): Promise<void> {
    const began = this.history.moment()
    const beganMs = this.#elapsed()
    const taken = await this.#thing(node).get(key, { freshness })
    this.history.reads.push({ node, key, freshness, began, beganMs, taken })
  }

  async #write({ node, key, scope, mode }: Extract<Action, { do: 'write' }>): Promise<void> {
    this.#origin[key]!++
    const record: InvalidationRecord = { node, key, scope, issued: this.history.moment(), issuedMs: this.#elapsed() }
    // What is softly invalidated may be served for grace: it promises nothing where there is grace.
    if (mode === 'delete' || !this.#graceful) this.history.invalidations.push(record)
    const { seq, propagated } = await this.#invalidate(node, key, scope, mode)
    const place = seq === undefined ? undefined : `${this.#cache(node).stats().log.epoch}:${seq}`
    record.acknowledged = { at: this.history.moment(), ms: this.#elapsed(), propagated, place }
  }

  #invalidate(node: number, key: number, scope: Scope, mode: InvalidationMode) {
    const cache = this.#cache(node)
    switch (scope) {
      case 'key':
        return this.#thing(node).invalidate(key, { mode })
      case 'tag':
        return cache.invalidate({ tag: `tag ${key % TAGS}`, mode })
      case 'glob':
        return cache.invalidate({ pattern: `*:${key}`, mode })
      case 'regex':
        return cache.invalidate({ regex: new RegExp(`^thing:${key}$`), mode })
      case 'definition':
        return this.#thing(node).invalidateAll({ mode })
      case 'clear':
        return cache.clear()
    }
  }

  async #setNew({ node, key }: Extract<Action, { do: 'set' }>): Promise<void> {
    this.#set.add(key)
    this.#origin[key]!++
    const taken = this.#take(key)
    this.history.since[taken.serial] = Number.POSITIVE_INFINITY
    await this.#thing(node).set(key, taken)
    this.history.since[taken.serial] = this.history.moment()
  }

  /** Once everything has healed and the bound has passed, every node must show what the origin has. */
  async #stillOld(): Promise<string[]> {
    const old: string[] = []
    for (const [node, things] of this.#things.entries()) {
      for (const [key, version] of this.#origin.entries()) {
        if (this.#set.has(key)) continue
        // The first may be answered with a stale value while the load completes behind.
        await this.#clock.runUntil(things.get(key))
        await this.#clock.advance(1_000)
        const taken = await this.#clock.runUntil(things.get(key))
        if (taken.version !== version)
          old.push(`n${node} shows version ${taken.version} of key ${key}, the origin has ${version}`)
      }
    }
    return old
  }

  #watch(action: Action, work: Promise<void>): void {
    const what = describeAction(action)
    const settled = work.then(
      () => undefined,
      (error: unknown) => {
        if (this.#eventful && error instanceof CacheError && EXPECTED_ERRORS.includes(error.code)) return
        this.#failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
      },
    )
    this.#underWay.set(settled, what)
    void settled.then(() => this.#underWay.delete(settled))
  }

  #after<T>(ms: number, value: T): Promise<T> {
    return new Promise((resolve) => this.#clock.setTimeout(() => resolve(value), ms))
  }

  #elapsed(): number {
    return this.#clock.now() - this.#startedAt
  }

  #cache(node: number): Cache {
    return this.caches[node] as Cache
  }

  #thing(node: number): Definition<[number], Taken> {
    return this.#things[node] as Definition<[number], Taken>
  }
}

/** Whether an invalidation covers a key. */
export function covers({ scope, key: named }: InvalidationRecord, key: number): boolean {
  if (scope === 'clear' || scope === 'definition') return true
  return scope === 'tag' ? key % TAGS === named % TAGS : key === named
}

/** An action in words, for histories. */
export function describeAction(action: Action): string {
  const { at, node, do: what, ...details } = action
  const rest = Object.entries(details).map(([name, value]) => `${name} ${value}`)
  return [`${String(at).padStart(6)} ms`, `n${node}`, what, ...rest].join('  ')
}
