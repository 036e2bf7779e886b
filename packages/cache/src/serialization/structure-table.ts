import { MAX_CONTENT_BYTES, MAX_NAMES, Structure } from './structure.js'

/** Structures that one writer remembers. */
const MAX_STRUCTURES = 2_048
/** Structures with the same first name that are compared before the longer look-up. */
const RECENT = 8

/**
 * The structures of what one process writes, found by the names of an object. Objects that serve as dictionaries have
 * ever new names: what was written once only is forgotten when the table is full, and if all are in use, newcomers are
 * not taken in.
 */
export class StructureTable {
  readonly #byNames = new Map<string, Structure>()
  /** By first name, most recently found first. */
  readonly #recent = new Map<string, Structure[]>()

  /** `undefined` for names that are not worth remembering. */
  find(names: readonly string[]): Structure | undefined {
    const first = names.length === 0 ? '' : names[0]!
    const recent = this.#recent.get(first)
    if (recent !== undefined) {
      for (let at = 0; at < recent.length; at++) if (hasNames(recent[at]!, names)) return recent[at]
    }
    if (names.length > MAX_NAMES) return undefined
    const structure = this.#lookUp(names)
    if (structure === undefined) return undefined
    if (recent === undefined) this.#recent.set(first, [structure])
    else {
      recent.unshift(structure)
      if (recent.length > RECENT) recent.pop()
    }
    return structure
  }

  #lookUp(names: readonly string[]): Structure | undefined {
    const joined = names.join('\0')
    const known = this.#byNames.get(joined)
    // Names that contain the separator can be joined to the same text.
    if (known !== undefined) return hasNames(known, names) ? known : undefined
    if (this.#byNames.size >= MAX_STRUCTURES) {
      this.#forgetUnused()
      if (this.#byNames.size >= MAX_STRUCTURES) return undefined
    }
    const structure = new Structure([...names])
    if (structure.content.length > MAX_CONTENT_BYTES) return undefined
    this.#byNames.set(joined, structure)
    return structure
  }

  #forgetUnused(): void {
    for (const [joined, { uses }] of this.#byNames) if (uses < 2) this.#byNames.delete(joined)
    this.#recent.clear()
  }
}

function hasNames(structure: Structure, names: readonly string[]): boolean {
  const own = structure.names
  if (own.length !== names.length) return false
  for (let at = 0; at < own.length; at++) if (own[at] !== names[at]) return false
  return true
}
