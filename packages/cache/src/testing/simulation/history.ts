import type { Scope } from './actions.js'

/** What a load or a set put into the cache. */
export interface Taken {
  readonly key: number
  /** Version of the origin. */
  readonly version: number
  /** Names the load or set; see {@link History.since}. */
  readonly serial: number
}

export interface ReadRecord {
  readonly node: number
  readonly key: number
  readonly freshness: 'memory' | 'remote'
  readonly began: number
  readonly beganMs: number
  readonly taken: Taken
}

export interface InvalidationRecord {
  readonly node: number
  readonly key: number
  readonly scope: Scope
  readonly issued: number
  readonly issuedMs: number
  acknowledged?: {
    readonly at: number
    readonly ms: number
    readonly propagated: boolean
    readonly place: string | undefined
  }
}

export interface Violation {
  readonly read: ReadRecord
  readonly invalidation: InvalidationRecord
  readonly because: 'applied' | 'issuer' | 'bound' | 'remote'
}

/** Moments count every recorded event of all nodes: the total order that the invariant is about. */
export class History {
  readonly reads: ReadRecord[] = []
  readonly invalidations: InvalidationRecord[] = []
  /** When each node applied each message, by `epoch:seq`. */
  readonly applied: Map<string, number>[]
  /**
   * By serial: the moment at which a load began. For a set: at which it was done, since until then it may come after
   * anything.
   */
  readonly since: number[] = []
  #moment = 0

  constructor(nodes: number) {
    this.applied = Array.from({ length: nodes }, () => new Map())
  }

  moment(): number {
    return ++this.#moment
  }

  /**
   * The promise, word by word. A read is a violation when it returned a value that was loaded before an invalidation
   * which its node had applied, or issued and seen acknowledged, when the read began; or which was acknowledged more
   * than `maxStalenessMs` before; or, for `freshness: 'remote'`, which was acknowledged at all.
   */
  violation(
    maxStalenessMs: number,
    covers: (invalidation: InvalidationRecord, key: number) => boolean,
  ): Violation | undefined {
    for (const read of this.reads) {
      const since = this.since[read.taken.serial] as number
      for (const invalidation of this.invalidations) {
        if (invalidation.issued > read.began || since >= invalidation.issued || !covers(invalidation, read.key))
          continue
        const because = this.#forbids(invalidation, read, maxStalenessMs)
        if (because !== undefined) return { read, invalidation, because }
      }
    }
    return undefined
  }

  #forbids(
    { acknowledged, node }: InvalidationRecord,
    read: ReadRecord,
    maxStalenessMs: number,
  ): Violation['because'] | undefined {
    if (acknowledged === undefined) return undefined
    if (acknowledged.place !== undefined) {
      const applied = this.applied[read.node]?.get(acknowledged.place)
      if (applied !== undefined && applied < read.began) return 'applied'
    }
    if (acknowledged.at >= read.began) return undefined
    if (node === read.node) return 'issuer'
    if (!acknowledged.propagated) return undefined
    if (read.freshness === 'remote') return 'remote'
    return acknowledged.ms + maxStalenessMs < read.beganMs ? 'bound' : undefined
  }

  /**
   * The longest time after its acknowledgement that an invalidation was still not seen by a read of another node, in
   * milliseconds.
   */
  longestStaleness(covers: (invalidation: InvalidationRecord, key: number) => boolean): number {
    let longest = 0
    for (const read of this.reads) {
      const since = this.since[read.taken.serial] as number
      for (const invalidation of this.invalidations) {
        const { acknowledged } = invalidation
        if (acknowledged?.propagated !== true || acknowledged.at > read.began) continue
        if (since < invalidation.issued && covers(invalidation, read.key))
          longest = Math.max(longest, read.beganMs - acknowledged.ms)
      }
    }
    return longest
  }
}
