import type { CacheEvents } from '../../events.js'
import type { Clock, MemoryTier } from '../../ports.js'
import type { SampledRead } from '../../read-sampling.js'
import type { HeavyHitterMeasure } from '../../watching.js'
import type { ResolvedHeavyHitterOptions } from '../resolve-watch-options.js'
import { type Counted, SpaceSaving, type Summary } from './space-saving.js'

export interface HeavyHitterSources {
  readonly clock: Clock
  readonly events: Pick<CacheEvents, 'on'>
  readonly sampleReads: (share: number, listener: (read: SampledRead) => void) => () => void
  readonly memory: Pick<MemoryTier, 'entries' | 'bytesOf'>
  /** The definition whose key it is; '' when there is none. */
  readonly definitionOf: (key: string) => string
}

/** Entries of memory that are looked at before the event loop has its turn. */
const ENTRIES_A_TURN = 10_000

/**
 * The keys that this process works most for. Misses and the time of loads are counted one by one; hits by sample,
 * because even one look-up would cost more than the hit. Bytes are not counted but looked at when somebody asks.
 */
export class KeyProfile {
  readonly #capacity: number
  readonly #sources: HeavyHitterSources
  readonly #counted: Readonly<Record<Exclude<HeavyHitterMeasure, 'bytes'>, SpaceSaving>>
  readonly #unsubscribe: (() => void)[]

  constructor({ capacity, sample }: ResolvedHeavyHitterOptions, sources: HeavyHitterSources) {
    this.#capacity = capacity
    this.#sources = sources
    const counted = {
      hits: new SpaceSaving(capacity),
      misses: new SpaceSaving(capacity),
      loadMs: new SpaceSaving(capacity),
    }
    this.#counted = counted
    const loaded = ({ key, durationMs, definition }: { key: string; durationMs: number; definition: string }) => {
      if (durationMs > 0) counted.loadMs.add(key, durationMs, definition)
    }
    this.#unsubscribe = [
      sources.sampleReads(sample, ({ key, tier, definition }) => {
        if (tier !== 'origin') counted.hits.add(key, 1 / sample, definition)
      }),
      sources.events.on('miss', ({ key, definition }) => counted.misses.add(key, 1, definition)),
      sources.events.on('load', loaded),
      sources.events.on('load-error', loaded),
    ]
  }

  /** `definition`: entries of others may be left out, so that those of a small one are found by `bytes`. */
  async summary(by: HeavyHitterMeasure, definition?: string): Promise<Summary> {
    return by === 'bytes' ? this.#largest(definition) : this.#counted[by].summary()
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }

  async #largest(definition: string | undefined): Promise<Summary> {
    const { clock, memory, definitionOf } = this.#sources
    const largest = new Largest(this.#capacity)
    let seen = 0
    let total = 0
    for (const [key] of memory.entries()) {
      if (++seen % ENTRIES_A_TURN === 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, 0))
      const bytes = memory.bytesOf(key) ?? 0
      total += bytes
      if (definition === undefined || definitionOf(key) === definition) largest.add(key, bytes)
    }
    return largest.summary(total, definitionOf)
  }
}

/** The heaviest of keys that are each weighed once. They are sorted when there are twice as many as are kept. */
class Largest {
  readonly #capacity: number
  #kept: { readonly key: string; readonly bytes: number }[] = []
  /** What is lighter is not among the heaviest. */
  #floor = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(key: string, bytes: number): void {
    if (bytes < this.#floor) return
    this.#kept.push({ key, bytes })
    if (this.#kept.length > 2 * this.#capacity) this.#cut()
  }

  summary(total: number, labelOf: (key: string) => string): Summary {
    this.#cut()
    const keys = this.#kept.map(({ key, bytes }): Counted => ({ key, label: labelOf(key), estimate: bytes, error: 0 }))
    return { total, errorBound: this.#floor, keys }
  }

  #cut(): void {
    this.#kept.sort((a, b) => b.bytes - a.bytes)
    const heaviestOut = this.#kept[this.#capacity]?.bytes
    if (heaviestOut !== undefined) this.#floor = heaviestOut
    this.#kept.length = Math.min(this.#kept.length, this.#capacity)
  }
}
