import type { Cache, CacheOptions, Definition } from '../../src/index.js'
import type { RedisOptions } from '../../src/redis/index.js'
import { redis } from '../../src/redis/index.js'
import { createCacheWithout, type ProtocolPart, seededRandom } from '../../src/testing/index.js'
import { PATIENT } from './servers.js'

export const MAX_STALENESS_MS = 600
/** An election takes seconds, and longer on a busy machine. */
const PATIENCE_MS = 60_000

/** A value with the version of its origin; the filling is what takes up room. */
interface Versioned {
  readonly version: number
  readonly filling: string
}

/** An invalidation that was acknowledged: whoever reads later must see at least its version. */
interface Acknowledged {
  readonly version: number
  readonly at: number
}

export interface TrafficOptions {
  readonly seed?: number
  readonly nodes?: number
  readonly keys?: number
  /** Characters of a value besides its version. */
  readonly filling?: number
  readonly cache?: CacheOptions
  /** Parts of the protocol that are switched off, to see that the judge can tell. */
  readonly without?: readonly ProtocolPart[]
}

type Node = {
  readonly cache: Cache
  readonly values: Definition<[string], Versioned>
  readonly own: Map<string, Acknowledged>
}

/**
 * Several caches over one Redis that read, load and invalidate at random, against an origin with versions. It judges
 * every read by the promise of the cache, and keeps what broke it in `violations`.
 */
export class Traffic {
  readonly nodes: Node[] = []
  readonly violations: string[] = []
  readonly keys: string[]
  readonly counts = { reads: 0, loads: 0, invalidations: 0, postponed: 0 }
  /** The highest place in the log of an invalidation that every node has been told of. */
  acknowledgedSeq = 0
  /** While false, only reads and loads go on. */
  invalidates = true
  readonly #options: TrafficOptions
  readonly #versions = new Map<string, number>()
  /** Invalidations that every node has been told of, by key. */
  readonly #told = new Map<string, Acknowledged>()
  readonly #random: () => number
  #running: Promise<unknown>[] = []
  #stopped = false
  #invalidating = 0

  constructor(redisOptions: RedisOptions, options: TrafficOptions = {}) {
    this.#options = options
    this.#random = seededRandom(options.seed ?? 1)
    this.keys = Array.from({ length: options.keys ?? 8 }, (_, index) => `k${index}`)
    for (let index = 0; index < (options.nodes ?? 3); index++) {
      const cache = createCacheWithout(options.without ?? [], {
        namespace: 'ns',
        node: `n${index}`,
        remote: redis(redisOptions),
        maxStaleness: MAX_STALENESS_MS,
        ...options.cache,
        remoteOptions: { ...PATIENT, ...options.cache?.remoteOptions },
      })
      const values = cache.define('v', {
        key: (key: string) => key,
        load: async (key: string): Promise<Versioned> => {
          const version = this.#versions.get(key) ?? 0
          this.counts.loads++
          await new Promise((resolve) => setTimeout(resolve, this.#random() * 5))
          return { version, filling: this.#filling() }
        },
        tags: (_value, key) => [`tag:${key}`],
      })
      this.nodes.push({ cache, values, own: new Map() })
    }
  }

  async ready(): Promise<void> {
    await Promise.all(this.nodes.map(({ cache }) => cache.ready()))
  }

  start(): void {
    for (const node of this.nodes) {
      for (let worker = 0; worker < 2; worker++) this.#running.push(this.#work(node))
    }
  }

  /** Ends the traffic; rejects when a read or an invalidation failed in a way that the cache must not let through. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running.splice(0))
  }

  /** Resolves when nothing is being invalidated any more; {@link invalidates} says whether it begins again. */
  async quiet(): Promise<void> {
    this.invalidates = false
    await this.waitFor('invalidations to end', () => this.#invalidating === 0)
  }

  /** Resolves after so many more reads and at least that many invalidations, as far as those go on. */
  async more(reads: number, invalidations = 0): Promise<void> {
    const { counts } = this
    const until = { reads: counts.reads + reads, invalidations: counts.invalidations + invalidations }
    await this.waitFor(`${reads} more reads and ${invalidations} more invalidations`, () => {
      return counts.reads >= until.reads && counts.invalidations >= until.invalidations
    })
  }

  /** Resolves when every node hears the log and nothing waits to be sent. */
  async settled(): Promise<void> {
    await this.waitFor('every node to be up with nothing left to send', () =>
      this.nodes.every(({ cache }) => {
        const { remote, log } = cache.stats()
        return remote.state === 'up' && remote.breaker === 'closed' && log.subscribed && log.recovering === 0
      }),
    )
  }

  /** Every key read past memory on every node: what the origin has now. */
  async differences(): Promise<string[]> {
    const different: string[] = []
    for (const [index, { values }] of this.nodes.entries()) {
      for (const key of this.keys) {
        const { version } = await values.get(key, { freshness: 'remote' })
        if (version !== (this.#versions.get(key) ?? 0))
          different.push(`n${index} has version ${version} of ${key}, the origin ${this.#versions.get(key)}`)
      }
    }
    return different
  }

  async waitFor(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await holds())) {
      if (performance.now() > deadline) {
        const logs = this.nodes.map(({ cache }) => JSON.stringify({ ...cache.stats().log, ...cache.stats().remote }))
        throw new Error(
          `waited ${PATIENCE_MS / 1_000} s for ${what}: ${JSON.stringify(this.counts)}\n${logs.join('\n')}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async close(): Promise<void> {
    await this.stop()
    await Promise.all(this.nodes.map(({ cache }) => cache.close()))
  }

  async #work(node: Node): Promise<void> {
    while (!this.#stopped) {
      const key = this.keys[Math.floor(this.#random() * this.keys.length)] as string
      if (this.invalidates && this.#random() < 0.15) await this.#invalidate(node, key)
      else await this.#read(node, key)
      // Memory answers without giving way to anything else.
      await new Promise((resolve) => setTimeout(resolve, this.#random() * 4))
    }
  }

  async #read(node: Node, key: string): Promise<void> {
    const began = performance.now()
    const past = this.#random() < 0.2
    const own = node.own.get(key)?.version ?? 0
    const told = this.#told.get(key)
    const { value, tier } = await node.values.get(
      key,
      past ? { details: true, freshness: 'remote' } : { details: true },
    )
    this.counts.reads++
    const wanted = Math.max(own, told !== undefined && (past || told.at + MAX_STALENESS_MS < began) ? told.version : 0)
    if (value.version < wanted) {
      const { epoch, applied } = node.cache.stats().log
      this.violations.push(
        `${node.cache.node} served version ${value.version} of ${key} from ${tier}${past ? ' past memory' : ''} instead of ${wanted}, at ${epoch}/${applied}`,
      )
    }
  }

  async #invalidate({ cache, values, own }: Node, key: string): Promise<void> {
    this.#invalidating++
    const version = (this.#versions.get(key) ?? 0) + 1
    this.#versions.set(key, version)
    const kind = this.#random()
    const receipt =
      kind < 0.5
        ? await values.invalidate(key)
        : kind < 0.8
          ? await cache.invalidate({ tag: `tag:${key}` })
          : kind < 0.95
            ? await cache.invalidate({ pattern: `v:${key}` })
            : await cache.clear()
    this.#invalidating--
    this.counts.invalidations++
    const acknowledged = { version, at: performance.now() }
    keepNewest(own, key, acknowledged)
    if (receipt.propagated) {
      keepNewest(this.#told, key, acknowledged)
      this.acknowledgedSeq = Math.max(this.acknowledgedSeq, receipt.seq ?? 0)
    } else this.counts.postponed++
  }

  #filling(): string {
    let filling = ''
    while (filling.length < (this.#options.filling ?? 0)) filling += this.#random().toString(36).slice(2)
    return filling
  }
}

function keepNewest(into: Map<string, Acknowledged>, key: string, one: Acknowledged): void {
  if ((into.get(key)?.version ?? 0) < one.version) into.set(key, one)
}
