import { Batch } from '../batches.js'
import type { StructureStore } from '../ports.js'
import { digestOf, type Structure, structureOf } from './structure.js'

/** How long a value will be readable, which its structures must be too. */
export interface Lifetime {
  /** Log epoch of the entry: when the remote tier has lost everything, entries have another one. */
  readonly epoch: string
  readonly keptForMs: number
}

/** Structures that one process puts into the remote tier; further ones are written into the values. */
const MAX_SHARED = 1_024
/** Structures that are kept for reading; beyond, the oldest go and are fetched again. */
const MAX_KNOWN = 4_096
/** Written again this often while in use, since the remote tier may evict what nobody reads: readers ask only once. */
const RENEWAL_MS = 600_000
const SHORTEST_LIFE_MS = 86_400_000
/** After a failure, and for structures that were not found. */
const PAUSE_MS = 1_000
/** A reference takes 16 bytes: what is hardly longer is better off in the value. */
const SHORTEST_SHARED_BYTES = 32
/** The second value with a structure shows that it recurs. */
const USES_BEFORE_SHARING = 2

/**
 * Which structures readers can be expected to find in the remote tier, and those that this process has read there.
 *
 * A value refers to a structure only after the remote tier has acknowledged it, in the same log epoch, with a life that
 * is not shorter than the value's; until then the value contains it. So no write waits, and no value is stored that was
 * unreadable from the start. Should a structure be lost alone, it is a miss until the next renewal.
 */
export class SharedStructures {
  readonly #now: () => number
  readonly #known = new Map<string, Structure>()
  /** Ids that were not found, with the time until which that is believed. */
  readonly #absent = new Map<string, number>()
  readonly #reads: Batch<string, Uint8Array | undefined>
  readonly #writes: Batch<{ structure: Structure; expiresInMs: number }, undefined>
  #shared = 0
  #pausedUntil = 0

  constructor(store: StructureStore, now: () => number) {
    this.#now = now
    this.#reads = new Batch((ids) => store.readStructures(ids))
    this.#writes = new Batch(async (structures) => {
      await store.writeStructures(
        structures.map(({ structure, expiresInMs }) => ({
          id: structure.id.toString('hex'),
          bytes: structure.content,
          expiresInMs,
        })),
      )
      return structures.map(() => undefined)
    })
  }

  /**
   * Whether a value of this life may refer to the structure. If not, or not for long, the structure is sent on its way.
   */
  allows(structure: Structure, { epoch, keptForMs }: Lifetime): boolean {
    if (structure.content.length < SHORTEST_SHARED_BYTES) return false
    const now = this.#now()
    const kept = structure.keptIn === epoch && structure.keptUntil >= now + keptForMs
    if (!kept || structure.keptAt < now - RENEWAL_MS) this.#keep(structure, epoch, keptForMs, now)
    return kept
  }

  known(id: string): Structure | undefined {
    return this.#known.get(id)
  }

  /** Resolves when all that the remote tier has of these is known. Rejects when it does not answer. */
  async fetch(ids: readonly string[]): Promise<void> {
    const now = this.#now()
    const wanted = ids.filter((id) => !this.#known.has(id) && (this.#absent.get(id) ?? 0) <= now)
    const contents = await Promise.all(wanted.map((id) => this.#reads.add(id)))
    for (const [index, id] of wanted.entries()) this.#learn(id, contents[index])
  }

  /** Content that does not match its id is treated as absent, and written again by the next process that uses it. */
  #learn(id: string, content: Uint8Array | undefined): void {
    if (content === undefined || digestOf(content).toString('hex') !== id) {
      bound(this.#absent, MAX_KNOWN)
      this.#absent.set(id, this.#now() + PAUSE_MS)
      return
    }
    if (this.#known.has(id)) return
    bound(this.#known, MAX_KNOWN)
    this.#known.set(id, structureOf(content))
    this.#absent.delete(id)
  }

  #keep(structure: Structure, epoch: string, keptForMs: number, now: number): void {
    if (structure.underWay || structure.uses < USES_BEFORE_SHARING || now < this.#pausedUntil) return
    if (structure.keptAt === 0 && this.#shared >= MAX_SHARED) return
    // Twice the life, so that values of the same life can refer to it for as long again.
    const expiresInMs = Math.max(keptForMs * 2, SHORTEST_LIFE_MS)
    structure.underWay = true
    this.#writes.add({ structure, expiresInMs }).then(
      () => {
        if (structure.keptAt === 0) this.#shared++
        structure.underWay = false
        structure.keptAt = now
        structure.keptUntil =
          structure.keptIn === epoch ? Math.max(structure.keptUntil, now + expiresInMs) : now + expiresInMs
        structure.keptIn = epoch
      },
      () => {
        // The remote tier reports its own failures; values go on containing their structures.
        structure.underWay = false
        this.#pausedUntil = this.#now() + PAUSE_MS
      },
    )
  }
}

/** Makes room for one more by letting the oldest go. */
function bound(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size < most) return
    map.delete(oldest)
  }
}
