import type { WarmKey } from './warm-entries.js'

/** What a bulk read asks for, made piece by piece as it is needed: most of it never is, when memory holds the values. */
export interface Inputs {
  readonly length: number
  /** What finds a warm entry. */
  warmKey(at: number): WarmKey
  /** The full key. */
  key(warmKey: WarmKey): string
  /** The arguments of the definition's key. */
  args(at: number): readonly unknown[]
}

const NO_ARGUMENTS: readonly unknown[] = Object.freeze([])

/** The inputs of a bulk read without a definition: the keys themselves. */
export class KeyInputs implements Inputs {
  readonly #keys: readonly string[]

  constructor(keys: readonly string[]) {
    this.#keys = keys
  }

  get length(): number {
    return this.#keys.length
  }

  warmKey(at: number): WarmKey {
    return this.#keys[at] as string
  }

  key(warmKey: WarmKey): string {
    return warmKey as string
  }

  args(): readonly unknown[] {
    return NO_ARGUMENTS
  }
}
