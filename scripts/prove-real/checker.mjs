/**
 * Holds what every read returned against the promise, word by word:
 *
 * Once an invalidation is acknowledged, no read returns a value loaded before it: at once on the node that issued it
 * and for reads that ask for `freshness: 'remote'`; on every other node from the moment its message arrives, and at the
 * latest `maxStaleness` later.
 *
 * "Loaded before" is: the load began before the invalidation was issued. A value that was set counts from the moment at
 * which the set was acknowledged, since until then it may come after anything. An invalidation that could not be sent
 * (`propagated: false`) binds its issuer at once, and the other nodes from the moment at which it was sent after all.
 * Sets are held to the same promise: they replace what was loaded before.
 */

/** @typedef {import('./node-process.mjs').ReadRecord} ReadRecord */
/** @typedef {import('./node-process.mjs').InvalidationRecord & { node: number, propagatedAt: number }} Invalidation */
/** @typedef {'applied' | 'issuer' | 'remote' | 'bound'} Because */
/**
 * @typedef {{ node: number, read: ReadRecord, since: number, invalidation: Invalidation, because: Because, appliedAt:
 *   number | undefined }} Violation
 */

/** The wall clock of the cache counts whole milliseconds, and two clocks are read one after the other. */
const TOLERANCE_MS = 3
const MOST_VIOLATIONS = 20

export class Checker {
  /** @type {Violation[]} */
  violations = []
  reads = { memory: 0, remote: 0 }
  /** Where reads were answered from. @type {Record<string, number>} */
  tiers = {}
  /** @type {Record<string, number>} */
  invalidations = {}
  /** Failed operations by what they were and why. @type {Record<string, number>} */
  failures = {}
  repairs = 0
  losses = 0
  recoveries = 0
  /** For how long after its acknowledgement an invalidation was not seen by reads of the memory of other nodes. */
  longestStalenessMs = 0
  #maxStalenessMs
  /** By key, in the order of issue. @type {Map<number, Invalidation[]>} */
  #covering = new Map()
  /** When each node applied each message, by place in the log. @type {Map<number, Map<string, number>>} */
  #applied = new Map()
  /** Up to when everything that happened on each node is known. @type {Map<number, number>} */
  #known = new Map()
  /** Not propagated yet, by node. @type {Map<number, Invalidation[]>} */
  #waiting = new Map()
  /** Sets by their names. @type {Map<string, Invalidation>} */
  #sets = new Map()
  /** Reads that cannot be judged yet. @type {{ node: number, read: ReadRecord }[]} */
  #unjudged = []

  /** @param {number} maxStalenessMs */
  constructor(maxStalenessMs) {
    this.#maxStalenessMs = maxStalenessMs
  }

  /** A node joins: nothing is judged before it is heard of. @param {number} node */
  join(node) {
    this.#known.set(node, 0)
    this.#applied.set(node, new Map())
    this.#waiting.set(node, [])
  }

  /** A node is gone, and will say nothing more. @param {number} node */
  leave(node) {
    this.#known.set(node, Number.POSITIVE_INFINITY)
  }

  /** @param {number} node @param {number} upTo @param {readonly import('./node-process.mjs').NodeRecord[]} records */
  take(node, upTo, records) {
    for (const record of records) this.#take(node, record)
    if (this.#known.get(node) !== Number.POSITIVE_INFINITY) this.#known.set(node, upTo)
    this.#judge(Math.min(...this.#known.values()))
  }

  /** Judges all that is left: every node has said everything. */
  finish() {
    this.#judge(Number.POSITIVE_INFINITY)
  }

  /** @param {number} node @param {import('./node-process.mjs').NodeRecord} record */
  #take(node, record) {
    switch (record.type) {
      case 'read':
        this.reads[record.freshness]++
        this.tiers[record.tier] = (this.tiers[record.tier] ?? 0) + 1
        this.#unjudged.push({ node, read: record })
        break
      case 'invalidation':
        this.#invalidated(node, record)
        break
      case 'applied': {
        const applied = this.#applied.get(node)
        if (applied?.has(record.place) === false) applied.set(record.place, record.at)
        break
      }
      case 'recovered':
        this.recoveries++
        for (const invalidation of this.#waiting.get(node) ?? []) invalidation.propagatedAt = record.at
        this.#waiting.set(node, [])
        break
      case 'repaired':
        this.repairs++
        break
      case 'lost':
        this.losses++
        break
      case 'failed': {
        const what = `${record.operation}: ${record.code}`
        this.failures[what] = (this.failures[what] ?? 0) + 1
      }
    }
  }

  /** @param {number} node @param {import('./node-process.mjs').InvalidationRecord} record */
  #invalidated(node, record) {
    this.invalidations[record.scope] = (this.invalidations[record.scope] ?? 0) + 1
    const propagatedAt = record.propagated ? record.acknowledged : Number.POSITIVE_INFINITY
    const invalidation = { ...record, node, propagatedAt }
    if (!record.propagated) this.#waiting.get(node)?.push(invalidation)
    if (record.set !== undefined) this.#sets.set(record.set, invalidation)
    for (const key of record.keys) {
      const covering = this.#covering.get(key) ?? []
      let at = covering.length
      while (at > 0 && /** @type {Invalidation} */ (covering[at - 1]).issued > record.issued) at--
      covering.splice(at, 0, invalidation)
      this.#covering.set(key, covering)
    }
  }

  /** Judges the reads before which everything is known. @param {number} upTo */
  #judge(upTo) {
    const later = []
    for (const unjudged of this.#unjudged) {
      if (unjudged.read.began < upTo) this.#judgeRead(unjudged.node, unjudged.read)
      else later.push(unjudged)
    }
    this.#unjudged = later
  }

  /** @param {number} node @param {ReadRecord} read */
  #judgeRead(node, read) {
    const { thing, began, freshness } = read
    const since = thing.since ?? this.#sets.get(thing.set ?? '')?.propagatedAt ?? Number.POSITIVE_INFINITY
    const covering = this.#covering.get(read.key) ?? []
    for (let at = covering.length - 1; at >= 0; at--) {
      const invalidation = /** @type {Invalidation} */ (covering[at])
      if (invalidation.issued <= since) return
      const appliedAt = invalidation.place === undefined ? undefined : this.#applied.get(node)?.get(invalidation.place)
      if (freshness === 'memory' && invalidation.node !== node)
        this.longestStalenessMs = Math.max(this.longestStalenessMs, began - invalidation.propagatedAt)
      const because = this.#broken(node, read, invalidation, appliedAt)
      if (because === undefined) continue
      if (this.violations.length < MOST_VIOLATIONS)
        this.violations.push({ node, read, since, invalidation, because, appliedAt })
      return
    }
  }

  /**
   * @param {number} node
   * @param {ReadRecord} read
   * @param {Invalidation} invalidation
   * @param {number | undefined} appliedAt
   * @returns {Because | undefined}
   */
  #broken(node, { began, freshness }, invalidation, appliedAt) {
    if (invalidation.node === node) return invalidation.acknowledged < began ? 'issuer' : undefined
    if (appliedAt !== undefined && appliedAt < began) return 'applied'
    if (freshness === 'remote' && invalidation.propagatedAt < began) return 'remote'
    if (invalidation.propagatedAt + this.#maxStalenessMs + TOLERANCE_MS < began) return 'bound'
    return undefined
  }
}
