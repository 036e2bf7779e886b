import type { KeyIndex } from './key-index.js'

const NONE = -1

/** Keys in a JS Map. */
export class MappedKeys implements KeyIndex {
  readonly usesHash = false
  readonly #slots = new Map<string, number>()

  get size(): number {
    return this.#slots.size
  }

  find(key: string): number {
    const slot = this.#slots.get(key)
    return slot === undefined ? NONE : slot
  }

  findHashed(key: string): number {
    return this.find(key)
  }

  add(key: string, slot: number): void {
    this.#slots.set(key, slot)
  }

  remove(key: string): void {
    this.#slots.delete(key)
  }

  grow(): void {
    // It has no columns.
  }
}
