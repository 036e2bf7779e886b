import { invalidOption } from '../../errors.js'
import type { Board } from '../../ports.js'
import type { HeavyHitterMeasure, HeavyHitters, HeavyHittersQuery, Scope } from '../../watching.js'
import type { ResolvedHeavyHitterOptions } from '../resolve-watch-options.js'
import { type HeavyHitterSources, KeyProfile } from './heavy-hitters.js'
import { samplingError } from './sampling-error.js'
import { heaviest, merged, type Summary } from './space-saving.js'
import { MEASURES, packSummaries, unpackSummaries } from './summary-codec.js'

/** Where processes put the summaries of their keys. */
export const KEYS_TOPIC = 'keys'

export interface FleetProfileOptions {
  /** `undefined`: this process knows of no other. */
  readonly board: Board | undefined
  readonly node: string
  readonly keys: ResolvedHeavyHitterOptions
  readonly sources: HeavyHitterSources
  /** What another process put up could not be read. */
  readonly skipped: (node: string | undefined, error: unknown) => void
}

/** What one process has counted. `sample` is the share of the events that it did count. */
interface Told {
  readonly summary: Summary
  readonly sample: number
}

const DEFAULT_LIMIT = 20
/** Of each measure, the keys that are told to the others. */
const TOLD = 256
/** To weigh what memory holds means to look at all of it. */
const BYTES_ARE_TRUE_FOR_MS = 60_000

/**
 * The keys that the processes of a namespace work most for: each counts its own, and a reader adds up what all have
 * published.
 */
export class FleetProfile {
  readonly #options: FleetProfileOptions
  readonly #own: KeyProfile
  #bytes: { readonly summary: Summary; readonly at: number } | undefined

  constructor(options: FleetProfileOptions) {
    this.#options = options
    this.#own = new KeyProfile(options.keys, options.sources)
  }

  async top({ by, limit = DEFAULT_LIMIT, definition, scope = 'fleet' }: HeavyHittersQuery): Promise<HeavyHitters> {
    if (!MEASURES.includes(by)) throw invalidOption('heavyHitters.by', by, "'hits', 'misses', 'loadMs' or 'bytes'")
    const { redact } = this.#options.keys
    const byNode = await this.#summaries(by, definition, scope)
    const { total, errorBound, keys } = merged([...byNode.values()].map(({ summary }) => summary))
    // Of processes that sample differently, the coarsest bounds them all.
    const sample = Math.min(1, ...[...byNode.values()].map((told) => told.sample))
    return {
      by,
      nodes: [...byNode.keys()].sort(),
      sample,
      total,
      errorBound: errorBound + samplingError(errorBound, sample),
      keys: keys
        .filter(({ label }) => definition === undefined || label === definition)
        .slice(0, limit)
        .map(({ key, label, estimate, error }) => ({
          key: redact(key, label),
          definition: label,
          estimate,
          error: error + samplingError(estimate, sample),
        })),
    }
  }

  /** What this process tells the others. */
  async packed(): Promise<Uint8Array> {
    const now = this.#options.sources.clock.monotonic()
    if (this.#bytes === undefined || now - this.#bytes.at >= BYTES_ARE_TRUE_FOR_MS)
      this.#bytes = { summary: heaviest(await this.#own.summary('bytes'), TOLD), at: now }
    const counted = await Promise.all(MEASURES.map(async (by) => [by, await this.#told(by)] as const))
    const summaries = Object.fromEntries(counted) as unknown as Record<HeavyHitterMeasure, Summary>
    return packSummaries({ ...summaries, sample: this.#options.keys.sample })
  }

  close(): void {
    this.#own.close()
  }

  async #told(by: HeavyHitterMeasure): Promise<Summary> {
    if (by === 'bytes' && this.#bytes !== undefined) return this.#bytes.summary
    return heaviest(await this.#own.summary(by), TOLD)
  }

  async #summaries(
    by: HeavyHitterMeasure,
    definition: string | undefined,
    scope: Scope,
  ): Promise<ReadonlyMap<string, Told>> {
    const { node, keys } = this.#options
    const wanted = scope === 'fleet' ? undefined : scope === 'node' ? node : scope.node
    const found = new Map<string, Told>()
    if (wanted !== node) {
      for (const [name, bytes] of await this.#published())
        if (name !== node && (wanted === undefined || name === wanted)) this.#read(name, bytes, by, found)
    }
    if (wanted === undefined || wanted === node)
      found.set(node, { summary: await this.#own.summary(by, definition), sample: sampleOf(by, keys.sample) })
    return found
  }

  async #published(): Promise<ReadonlyMap<string, Uint8Array>> {
    const { board, skipped } = this.#options
    try {
      const [parts] = (await board?.read([KEYS_TOPIC])) ?? []
      return parts ?? new Map()
    } catch (error) {
      skipped(undefined, error)
      return new Map()
    }
  }

  #read(name: string, bytes: Uint8Array, by: HeavyHitterMeasure, into: Map<string, Told>): void {
    try {
      const summaries = unpackSummaries(bytes)
      into.set(name, { summary: summaries[by], sample: sampleOf(by, summaries.sample) })
    } catch (error) {
      this.#options.skipped(name, error)
    }
  }
}

/** Hits alone are sampled: everything else is counted one by one. */
function sampleOf(by: HeavyHitterMeasure, ofHits: number): number {
  return by === 'hits' ? ofHits : 1
}
