import type { PolicyChange } from '../ports.js'
import { CANDIDATES, CANDIDATES_BY_SIZE, type Candidate } from './candidates.js'
import {
  type EvictionLimits,
  type EvictionPolicy,
  type EvictionPolicyFactory,
  type PolicyChoiceReport,
  type SlotColumns,
  slotColumns,
} from './eviction.js'
import { Evidence } from './evidence.js'
import { Handover } from './handover.js'
import { LARGE_STORE } from './large-store.js'
import { Miniatures } from './miniatures.js'
import { Rehearsal } from './rehearsal.js'
import { Sampling } from './sampling.js'

const NONE = -1
/** Slots that pass to a new policy with each use; fewer in a large store, where a long step is felt. */
const PASSED_PER_USE = 16
const PASSED_IN_LARGE = 4
/** There the first of them pass one by one, until V8 has compiled what has just begun to run. */
const PASSED_ONE_BY_ONE = 16_384
/** The store is full with this much less than was expected, because bytes are the bound: the sample was too small. */
const MUCH_LESS = 0.5
/** Sampled uses without an eviction, for each entry of a miniature, after which there is nothing to learn. */
const QUIET_AFTER = 8

/**
 * The adaptive policy: of several policies it lets the one rule that suits the traffic best. Miniature simulations on
 * a sample of the keys show all the time what the hit ratio would be under each candidate; when one has been better by
 * more than the change costs, it takes over the slots and rules. What is learnt and why it changed is in its report.
 */
class AdaptivePolicy implements EvictionPolicy {
  #limits: EvictionLimits
  #candidates: readonly Candidate[] = CANDIDATES
  #columns: SlotColumns = slotColumns(0)
  #ruling = 0
  #active: EvictionPolicy
  #handover: Handover | undefined
  #sampling: Sampling
  #miniatures: Miniatures
  #evidence: Evidence
  /** Until the store is full for the first time. */
  #rehearsal: Rehearsal | undefined
  /** Entries that the store is expected to hold when it is full. */
  #expected: number
  #held = 0
  #quiet = 0
  #changes = 0
  #lastChange: PolicyChange | undefined

  constructor(limits: EvictionLimits) {
    this.#limits = limits
    this.#active = this.#candidates[this.#ruling]!.create(limits)
    this.#expected = limits.maxEntries
    this.#sampling = new Sampling(this.#expected)
    this.#miniatures = this.#newMiniatures()
    this.#evidence = this.#newEvidence()
    this.#rehearsal = new Rehearsal(this.#candidates, this.#miniatureLimits())
  }

  grow(columns: SlotColumns): void {
    this.#columns = columns
    this.#handover?.grow(columns.capacity)
    this.#active.grow(columns)
  }

  insert(slot: number): void {
    this.#held++
    this.#active.insert(slot)
    this.#handover?.inserted(slot)
    this.#read(slot)
  }

  adopt(slot: number, warmth: number): void {
    this.#held++
    this.#active.adopt(slot, warmth)
    this.#handover?.inserted(slot)
  }

  touch(slot: number): void {
    if (this.#handover === undefined) this.#active.touch(slot)
    else this.#useInHandover(slot)
    this.#read(slot)
  }

  replace(slot: number): void {
    if (this.#handover === undefined) this.#active.replace(slot)
    else this.#useInHandover(slot)
    const hash = this.#columns.hashes[slot]!
    if (this.#sampling.includes(hash)) this.#miniatures.access(hash, this.#columns.bytes[slot]!)
  }

  remove(slot: number): void {
    this.#held--
    if (this.#handover?.isWaiting(slot) === true) this.#handover.remove(slot)
    else this.#active.remove(slot)
    const hash = this.#columns.hashes[slot]!
    if (!this.#sampling.includes(hash)) return
    this.#miniatures.forget(hash)
    this.#rehearsal?.forget(hash)
  }

  evict(incoming: number, lacking: number): number {
    this.#quiet = 0
    if (this.#rehearsal !== undefined) this.#open(this.#rehearsal)
    if (lacking > 0 && this.#candidates !== CANDIDATES_BY_SIZE) this.#weighSizes()
    else if (this.#held < this.#expected * MUCH_LESS) this.#expect(this.#held)
    let slot = NONE
    if (this.#handover !== undefined) {
      slot = this.#handover.evict(incoming, lacking)
      this.#advance()
    }
    if (slot === NONE) slot = this.#active.evict(incoming, lacking)
    if (slot !== NONE) this.#held--
    return slot
  }

  resize(limits: EvictionLimits): void {
    this.#limits = limits
    this.#expect(Math.min(limits.maxEntries, Math.max(1, this.#held)))
  }

  report(): PolicyChoiceReport {
    return {
      active: this.#candidates[this.#ruling]!.name,
      sampleRate: this.#sampling.rate,
      sampledReads: Math.round(this.#evidence.reads),
      candidates: this.#candidates.map(({ name }, candidate) => ({
        name,
        hitRatio: this.#evidence.hitRatio(candidate),
      })),
      changes: this.#changes,
      lastChange: this.#lastChange,
    }
  }

  #read(slot: number): void {
    const hash = this.#columns.hashes[slot]!
    if (this.#sampling.includes(hash)) this.#sample(hash, this.#columns.bytes[slot]!)
  }

  #useInHandover(slot: number): void {
    if (this.#handover!.isWaiting(slot)) this.#handover!.use(slot)
    else this.#active.touch(slot)
    this.#advance()
  }

  #advance(): void {
    const handover = this.#handover!
    if (this.#held <= LARGE_STORE) handover.advance(PASSED_PER_USE)
    else handover.advance(handover.passed < PASSED_ONE_BY_ONE ? 1 : PASSED_IN_LARGE)
    if (handover.isDone) this.#handover = undefined
  }

  /** Shows a read of a sampled key to the miniatures. Writes over what is there are shown, but are no reads. */
  #sample(hash: number, bytes: number): void {
    if (++this.#quiet > QUIET_AFTER * this.#sampling.entries) return
    this.#miniatures.access(hash, bytes)
    this.#rehearsal?.access(hash, bytes)
    const isTime = this.#evidence.record(this.#miniatures.hits)
    if (isTime && this.#handover === undefined) this.#judge()
    if (this.#sampling.settles()) {
      this.#miniatures.thin((one) => this.#sampling.includes(one), this.#miniatureLimits())
      this.#evidence.rescale(this.#sampling.entries, 0.5)
    }
  }

  #judge(): void {
    const ruling = this.#ruling
    const advantage = this.#evidence.judge(ruling, (candidate) => this.#miniatures.difference(candidate, ruling))
    if (advantage === undefined) return
    const { candidate, hits, reads } = advantage
    const percentOf = (one: number) => `${(this.#evidence.hitRatio(one) * 100).toFixed(1)} %`
    const to = this.#candidates[candidate]!.name
    const ratios = `${percentOf(candidate)} instead of ${percentOf(ruling)}`
    this.#change(
      candidate,
      `of the last ${Math.round(reads)} sampled reads ${to} would have hit ${Math.round(hits)} more (${ratios})`,
    )
  }

  /** The store is full for the first time. Any policy would hold the same now. */
  #open(rehearsal: Rehearsal): void {
    this.#rehearsal = undefined
    this.#evidence.inherit(rehearsal.evidence)
    const advantage = rehearsal.best()
    if (advantage === undefined) return
    const { candidate, hits, reads } = advantage
    const to = this.#candidates[candidate]!.name
    this.#change(
      candidate,
      `of the first ${reads} sampled reads ${to} would have hit ${hits} more in a quarter of the room`,
    )
  }

  #change(candidate: number, why: string): void {
    const from = this.#candidates[this.#ruling]!
    const to = this.#candidates[candidate]!
    const next = to.create(this.#limits)
    next.grow(this.#columns)
    next.follow?.(this.#miniatures.policyOf(candidate))
    this.#handover = new Handover(this.#active, next, this.#held, this.#columns.capacity)
    this.#active = next
    this.#ruling = candidate
    this.#changes++
    this.#lastChange = { at: this.#limits.now?.() ?? 0, from: from.name, to: to.name, why }
  }

  /** Bytes have become the bound: what weighs sizes takes part from now on. */
  #weighSizes(): void {
    this.#candidates = CANDIDATES_BY_SIZE
    this.#expect(this.#held)
  }

  /** The store is full with `entries`, not as was expected: the sample is chosen anew, and what it showed is void. */
  #expect(entries: number): void {
    this.#rehearsal = undefined
    this.#expected = Math.max(1, entries)
    this.#sampling = new Sampling(this.#expected)
    this.#miniatures = this.#newMiniatures()
    this.#evidence = this.#newEvidence()
  }

  #newMiniatures(): Miniatures {
    const limits = this.#miniatureLimits()
    return new Miniatures(
      this.#candidates.map(({ create }) => create(limits)),
      limits,
    )
  }

  #newEvidence(): Evidence {
    const evidence = new Evidence(this.#candidates.map(({ leastDifference }) => leastDifference))
    evidence.rescale(this.#sampling.entries, 1)
    return evidence
  }

  #miniatureLimits(): EvictionLimits {
    const { rate } = this.#sampling
    return { maxEntries: this.#limits.maxEntries * rate, maxBytes: this.#limits.maxBytes * rate }
  }
}

export const adaptive: EvictionPolicyFactory = (limits) => new AdaptivePolicy(limits)
