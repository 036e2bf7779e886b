import { invalidArgument } from './errors.js'
import type { WarmKey } from './warm-entries.js'

/**
 * What a bulk read asks for, made piece by piece as it is needed: most of it never is, when memory holds the values.
 */
export interface Inputs {
  readonly length: number
  /** What finds a warm entry. */
  warmKey(at: number): WarmKey
  /** The full key. */
  key(warmKey: WarmKey): string
  /** The arguments of the definition's key. */
  args(at: number): readonly unknown[]
}

/** Of a key without a definition. */
export const NO_ARGUMENTS: readonly unknown[] = Object.freeze([])

/** What a bulk call was given; the characters of a text would be taken for keys. */
export function checkList(where: string, list: readonly unknown[]): void {
  if (!Array.isArray(list)) throw invalidArgument(where, list, 'an array')
}

/** The pairs of a bulk write, from an array, a `Map` or whatever else hands them out. */
export function pairsOf<K, V>(where: string, entries: Iterable<readonly [K, V]>): (readonly [K, V])[] {
  const wanted = 'an array, a Map or another iterable of [key, value]'
  if (typeof entries !== 'object' || typeof entries?.[Symbol.iterator] !== 'function')
    throw invalidArgument(where, entries, wanted)
  const pairs = [...entries]
  for (const pair of pairs) if (!Array.isArray(pair) || pair.length !== 2) throw invalidArgument(where, pair, wanted)
  return pairs
}

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
