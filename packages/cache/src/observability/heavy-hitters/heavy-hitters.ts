import type { CacheEvents } from '../../events.js'
import type { MemoryTier } from '../../ports.js'
import type { SampledRead } from '../../read-sampling.js'
import type { HeavyHitter, HeavyHitters, HeavyHittersQuery } from '../../watching.js'
import type { ResolvedHeavyHitterOptions } from '../resolve-watch-options.js'
import { type Counted, SpaceSaving } from './space-saving.js'

export interface HeavyHitterSources {
  readonly events: Pick<CacheEvents, 'on'>
  readonly sampleReads: (share: number, listener: (read: SampledRead) => void) => () => void
  readonly memory: Pick<MemoryTier, 'entries' | 'bytesOf'>
  /** The definition whose key it is; '' when there is none. */
  readonly definitionOf: (key: string) => string
}

const DEFAULT_LIMIT = 20

/**
 * The keys that this process works most for. Misses and the time of loads are counted one by one; hits by sample, because even
 * one look-up would cost more than the hit. Bytes are not counted but looked at when somebody asks.
 */
export class KeyProfile {
  readonly #options: ResolvedHeavyHitterOptions
  readonly #sources: HeavyHitterSources
  readonly #summaries: Readonly<Record<'hits' | 'misses' | 'loadMs', SpaceSaving>>
  readonly #unsubscribe: (() => void)[]

  constructor(options: ResolvedHeavyHitterOptions, sources: HeavyHitterSources) {
    this.#options = options
    this.#sources = sources
    const { capacity, sample } = options
    const summaries = {
      hits: new SpaceSaving(capacity),
      misses: new SpaceSaving(capacity),
      loadMs: new SpaceSaving(capacity),
    }
    this.#summaries = summaries
    const loaded = ({ key, durationMs, definition }: { key: string; durationMs: number; definition: string }) => {
      if (durationMs > 0) summaries.loadMs.add(key, durationMs, definition)
    }
    this.#unsubscribe = [
      sources.sampleReads(sample, ({ key, tier, definition }) => {
        if (tier !== 'origin') summaries.hits.add(key, 1 / sample, definition)
      }),
      sources.events.on('miss', ({ key, definition }) => summaries.misses.add(key, 1, definition)),
      sources.events.on('load', loaded),
      sources.events.on('load-error', loaded),
    ]
  }

  top({ by, limit = DEFAULT_LIMIT, definition }: HeavyHittersQuery): HeavyHitters {
    if (by === 'bytes') return this.#largest(limit, definition)
    const summary = this.#summaries[by]
    const found = summary.all().filter(({ label }) => definition === undefined || label === definition)
    return {
      by,
      total: summary.total,
      errorBound: summary.errorBound,
      keys: found.slice(0, limit).map((one) => this.#shown(one)),
    }
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }

  #largest(limit: number, definition: string | undefined): HeavyHitters {
    const { memory, definitionOf } = this.#sources
    const all: Counted[] = []
    let total = 0
    for (const [key] of memory.entries()) {
      const estimate = memory.bytesOf(key) ?? 0
      total += estimate
      // Names are looked up for those that are shown, or chosen by.
      const label = definition === undefined ? '' : definitionOf(key)
      if (definition === undefined || label === definition) all.push({ key, label, estimate, error: 0 })
    }
    const keys = all
      .sort((a, b) => b.estimate - a.estimate)
      .slice(0, limit)
      .map((one) => this.#shown({ ...one, label: definitionOf(one.key) }))
    return { by: 'bytes', total, errorBound: 0, keys }
  }

  #shown({ key, label, estimate, error }: Counted): HeavyHitter {
    return { key: this.#options.redact(key, label), definition: label, estimate, error }
  }
}
