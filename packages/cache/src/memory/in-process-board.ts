import type { Board, Clock } from '../ports.js'

interface Part {
  readonly bytes: Uint8Array
  readonly expiresAt: number
}

/**
 * What the nodes of one namespace put up for each other, in this process. Expired parts go when their topic is touched.
 */
export class InProcessBoard implements Board {
  readonly #clock: Clock
  readonly #topics = new Map<string, Map<string, Part>>()
  readonly #chores = new Map<string, { readonly holder: string; readonly endsAt: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async put(topic: string, part: string, bytes: Uint8Array, expiresInMs: number): Promise<void> {
    this.#dropExpired()
    const parts = this.#topics.get(topic) ?? new Map<string, Part>()
    parts.set(part, { bytes: Uint8Array.from(bytes), expiresAt: this.#clock.monotonic() + expiresInMs })
    this.#topics.set(topic, parts)
  }

  async read(topics: readonly string[]): Promise<readonly ReadonlyMap<string, Uint8Array>[]> {
    this.#dropExpired()
    return topics.map(
      (topic) =>
        new Map([...(this.#topics.get(topic) ?? [])].map(([name, part]) => [name, Uint8Array.from(part.bytes)])),
    )
  }

  async remove(topic: string, part: string): Promise<void> {
    const parts = this.#topics.get(topic)
    if (parts?.delete(part) && parts.size === 0) this.#topics.delete(topic)
  }

  async claim(chore: string, holder: string, leaseMs: number): Promise<boolean> {
    const now = this.#clock.monotonic()
    const held = this.#chores.get(chore)
    if (held !== undefined && held.holder !== holder && held.endsAt > now) return false
    this.#chores.set(chore, { holder, endsAt: now + leaseMs })
    return true
  }

  /** Loses everything, as `FLUSHALL` does. */
  clear(): void {
    this.#topics.clear()
    this.#chores.clear()
  }

  #dropExpired(): void {
    const now = this.#clock.monotonic()
    for (const [topic, parts] of this.#topics) {
      for (const [name, { expiresAt }] of parts) if (expiresAt <= now) parts.delete(name)
      if (parts.size === 0) this.#topics.delete(topic)
    }
  }
}
