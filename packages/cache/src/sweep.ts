import type { Validity } from './entry.js'
import { CacheError } from './errors.js'
import type { Operation, PatternRecord, Timer } from './ports.js'
import type { SweepListener, Tiers } from './tiers.js'

const SCAN_BATCH = 500
/** A pattern that its issuer has not swept after this many rounds is swept by any node that notices. */
const ROUNDS_BEFORE_TAKEOVER = 10

/**
 * The background sweep after patterns and `clear`. Both are true at once, through the table that entries are judged by;
 * the sweep removes from the remote tier what they cover, after which a pattern is retired from the table and costs
 * nothing more. It begins only after twice the bound of staleness: by then no node that has not heard the pattern may
 * fill any more, so nothing that it covers can appear behind the sweep's back.
 */
export class Sweep implements SweepListener {
  readonly #tiers: Tiers
  /** Patterns by seq, with the rounds they have been seen for and whether this node issued them. */
  readonly #seen = new Map<number, { rounds: number; own: boolean }>()
  /** How often this node has issued a clear, and how many of those the remote tier has been swept after. */
  #clears = 0
  #sweptClears = 0
  #timer: Timer
  #sweeping: Promise<void> | undefined

  constructor(tiers: Tiers) {
    this.#tiers = tiers
  }

  /** Notes an operation that was just applied, if it calls for a sweep. */
  note({ type }: Operation, seq: number | undefined, own: boolean): void {
    if (type === 'pattern' && seq !== undefined) this.#seen.set(seq, { rounds: 0, own })
    else if (type === 'clear' && own) this.#clears++
    else return
    this.#schedule()
  }

  /** Takes over the patterns that the log still holds. */
  noteAll(patterns: readonly PatternRecord[]): void {
    this.#seen.clear()
    for (const { seq } of patterns) this.#seen.set(seq, { rounds: 0, own: false })
    // What the next round was for had numbers of another history.
    this.#unschedule()
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#unschedule()
    await this.#sweeping
  }

  #unschedule(): void {
    this.#tiers.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** The next round is for what is known now: what comes while it is awaited has a time of its own to wait. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#sweeping !== undefined || this.#tiers.closing) return
    const known = new Set(this.#seen.keys())
    const clears = this.#clears
    if (known.size === 0 && clears === this.#sweptClears) return
    this.#timer = this.#tiers.clock.setTimeout(() => {
      this.#timer = undefined
      this.#sweeping = this.#round(known, clears)
        .catch((error) => this.#tiers.failed('sweep', error))
        .then(() => {
          this.#sweeping = undefined
          this.#schedule()
        })
    }, this.#tiers.options.defaults.maxStaleness * 2)
  }

  /** Sweeps after the patterns that were known, and after the clears that had been issued, when it was scheduled. */
  async #round(known: ReadonlySet<number>, clears: number): Promise<void> {
    const { outbox, validity } = this.#tiers
    if (!outbox.ready) return
    // Patterns that are retired by now were swept by their issuers: only this node's memory is left to do.
    const { position, patterns } = await this.#tiers.remote.log.snapshot()
    if (position.epoch !== validity.epoch) return
    const held = new Set(patterns.map(({ seq }) => seq))
    const retired = [...this.#seen.keys()].filter((seq) => !held.has(seq) && seq <= position.seq)
    const due: PatternRecord[] = []
    for (const pattern of patterns) {
      const seen = known.has(pattern.seq) ? this.#seen.get(pattern.seq) : undefined
      if (seen === undefined) continue
      if (seen.own || seen.rounds >= ROUNDS_BEFORE_TAKEOVER) due.push(pattern)
      seen.rounds++
    }
    const everything = clears > this.#sweptClears
    const swept = (due.length > 0 || everything) && (await this.#sweepRemote(due, everything))
    // What somebody is about to load keeps its patterns for another round: the load may fail and leave the value in
    // place.
    const over = swept ? due.map(({ seq }) => seq) : []
    if (swept) this.#sweptClears = clears
    if (over.length > 0) await this.#tiers.remote.log.retirePatterns(over)
    this.#tiers.judgeMemory()
    const done = [...retired, ...over]
    validity.retirePatterns(done)
    for (const seq of done) this.#seen.delete(seq)
  }

  /**
   * Removes what is judged deleted; `false` when some of it is under a lease and had to stay. Whatever was stored since
   * is judged by its own `asOf` and stays.
   */
  async #sweepRemote(patterns: readonly PatternRecord[], everything: boolean): Promise<boolean> {
    const { remote, outbox } = this.#tiers
    let complete = true
    const tests = patterns.map((pattern) => this.#tiers.compilePattern(pattern))
    for await (const keys of remote.scan(SCAN_BATCH)) {
      if (this.#tiers.closing) return false
      const candidates = everything ? keys : keys.filter((key) => tests.some((matches) => matches(key)))
      if (candidates.length === 0) continue
      const values = await remote.get(candidates)
      const removals: Promise<boolean>[] = []
      const expired: Operation[] = []
      for (const [index, key] of candidates.entries()) {
        const bytes = values[index]
        if (bytes === undefined) continue
        const verdict = this.#judge(key, bytes)
        if (verdict === 'deleted') removals.push(this.#remove(key, bytes))
        if (verdict === 'expired') expired.push({ type: 'key', key, mode: 'expire' })
      }
      complete = (await Promise.all(removals)).every((removed) => removed) && complete
      // Kept for grace: marked one by one, or they would look fresh again once the pattern is forgotten.
      if (expired.length > 0 && (await outbox.issue({ values: [], operations: expired })) === undefined) {
        throw new CacheError('remote-failed', 'the sweep could not mark what a pattern expired')
      }
    }
    return complete
  }

  /**
   * Removes the value that was judged and no other: under a lease that is granted only while it is in place, by a fill
   * that is already over. A write or an invalidation in between ends the lease, and the fill then does nothing. `false`
   * when somebody else holds the lease.
   */
  async #remove(key: string, bytes: Uint8Array): Promise<boolean> {
    const { remote, options } = this.#tiers
    const token = this.#tiers.newLeaseToken()
    const lease = await remote.acquire(key, token, options.remoteOptions.lease, bytes)
    if (!lease.granted) return lease.changed === true
    await remote.fill([{ key, token, bytes, expiresInMs: 0 }])
    return true
  }

  #judge(key: string, bytes: Uint8Array): Validity {
    try {
      return this.#tiers.validity.judgeSwept(key, this.#tiers.codec.decodeHead(bytes, key))
    } catch {
      // What cannot be decoded can never be served: it goes too.
      return 'deleted'
    }
  }
}
