import { ID_BYTES, MAX_CONTENT_BYTES, type Structure, structureOf } from './structure.js'

/** Thrown by a reader: the value refers to structures that this process does not know yet. */
export class MissingStructures extends Error {
  override readonly name = 'MissingStructures'
  /** In hexadecimal. */
  readonly ids: readonly string[]

  constructor(ids: readonly string[]) {
    super(`structures ${ids.join(', ')} of the value are not known`)
    this.ids = ids
  }
}

/** Where structures are found by their id, in hexadecimal. */
export type KnownStructures = (id: string) => Structure | undefined

/** A power of two. */
const SLOTS = 256
/** Tables that are longer are read each time. */
const MAX_KEPT_BYTES = 1_024

interface KeptTable {
  readonly bytes: Uint8Array
  readonly structures: readonly Structure[]
}

/**
 * Reads the table of structures of a value. Values of one kind have the same table: a direct-mapped cache of 256 tables
 * finds it again by comparing its bytes.
 */
export class TableReader {
  readonly #known: KnownStructures
  readonly #kept = new Array<KeptTable | undefined>(SLOTS).fill(undefined)

  constructor(known: KnownStructures) {
    this.#known = known
  }

  /** The structures in the order of the table; throws a {@link MissingStructures} for ids that are not known. */
  read(bytes: Buffer, start: number, end: number): readonly Structure[] {
    const length = end - start
    if (length === 0) return NONE
    const slot = slotOf(bytes, start, length)
    const kept = this.#kept[slot]
    if (kept !== undefined && isAt(kept.bytes, bytes, start, length)) return kept.structures
    const structures = this.#parse(bytes, start, end)
    if (length <= MAX_KEPT_BYTES) {
      this.#kept[slot] = { bytes: new Uint8Array(bytes.subarray(start, end)), structures }
    }
    return structures
  }

  #parse(bytes: Buffer, start: number, end: number): readonly Structure[] {
    const structures: Structure[] = []
    const missing: string[] = []
    for (let at = start; at < end; ) {
      if (end - at < 2) throw new RangeError('the table ends too early')
      const length = bytes.readUInt16LE(at)
      const contentAt = at + 2
      at = contentAt + (length === 0 ? ID_BYTES : length)
      if (at > end || length > MAX_CONTENT_BYTES) throw new RangeError('the table ends too early')
      if (length === 0) {
        const id = bytes.toString('hex', contentAt, at)
        const structure = this.#known(id)
        if (structure === undefined) missing.push(id)
        else structures.push(structure)
      } else structures.push(structureOf(bytes.subarray(contentAt, at)))
    }
    if (missing.length > 0) throw new MissingStructures(missing)
    return structures
  }
}

const NONE: readonly Structure[] = []

/** From the length and the first id or the first names. */
function slotOf(bytes: Buffer, start: number, length: number): number {
  const at = start + Math.min(length - 1, 4)
  return (length * 31 + bytes[start]! * 7 + bytes[at]! * 131 + bytes[start + (length >> 1)]! * 17) & (SLOTS - 1)
}

function isAt(kept: Uint8Array, bytes: Buffer, start: number, length: number): boolean {
  if (kept.length !== length) return false
  for (let at = 0; at < length; at++) if (kept[at] !== bytes[start + at]) return false
  return true
}
