import type { Clock, StoredStructure, StructureStore } from '../ports.js'

/** As many as one namespace of a busy application may have; beyond, the oldest go. */
const MAX_STRUCTURES = 10_000

/** The in-process stand-in for the structures of one namespace; see {@link StructureStore}. */
export class InProcessStructures {
  readonly #clock: Clock
  readonly #stored = new Map<string, { readonly bytes: Uint8Array; readonly expiresAt: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  read(ids: readonly string[]): (Uint8Array | undefined)[] {
    return ids.map((id) => {
      const stored = this.#live(id)
      return stored && Uint8Array.from(stored.bytes)
    })
  }

  write(structures: readonly StoredStructure[]): void {
    for (const { id, bytes, expiresInMs } of structures) {
      const expiresAt = Math.max(this.#clock.monotonic() + expiresInMs, this.#live(id)?.expiresAt ?? 0)
      this.#stored.delete(id)
      this.#stored.set(id, { bytes: Uint8Array.from(bytes), expiresAt })
    }
    for (const oldest of this.#stored.keys()) {
      if (this.#stored.size <= MAX_STRUCTURES) return
      this.#stored.delete(oldest)
    }
  }

  clear(): void {
    this.#stored.clear()
  }

  #live(id: string) {
    const stored = this.#stored.get(id)
    if (stored === undefined || stored.expiresAt > this.#clock.monotonic()) return stored
    this.#stored.delete(id)
    return undefined
  }
}
