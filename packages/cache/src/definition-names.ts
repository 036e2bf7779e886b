/**
 * The names of the definitions that a cache has, and which keys are whose: a key is its definition's name, or begins
 * with it and `:`.
 */
export class DefinitionNames {
  readonly #names = new Set<string>()

  add(name: string): void {
    this.#names.add(name)
  }

  /** The definition that a key belongs to; '' for none. No two share keys. */
  ownerOf(key: string): string {
    if (this.#names.size === 0) return ''
    for (let at = key.indexOf(':'); at >= 0; at = key.indexOf(':', at + 1)) {
      const name = key.slice(0, at)
      if (this.#names.has(name)) return name
    }
    return this.#names.has(key) ? key : ''
  }
}
