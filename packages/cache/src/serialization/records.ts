import type { Serializer } from '../codec.js'
import type { StructureStore } from '../ports.js'
import { RecordReader } from './record-reader.js'
import { RecordWriter } from './record-writer.js'
import { type Lifetime, SharedStructures } from './shared-structures.js'
import { MissingStructures, TableReader } from './table-reader.js'

export interface RecordsOptions {
  /** Where structures are shared between processes. Default: nowhere; each value contains its own. */
  readonly structures?: StructureStore
  /** Wall time in milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * The serializer of the default codec: a compact binary format for what JavaScript has (`undefined`, -0, `Date`, `Map`,
 * `Set`, `BigInt` of any size, typed arrays, `ArrayBuffer`, `Buffer`, `RegExp`, `Error` with its cause, strings that
 * are no valid Unicode). The property names of objects, their *structure*, are written once for each value, or once for
 * all when they are shared through the remote tier.
 *
 * Instances of classes come back as plain objects of their own enumerable properties. Functions, symbols and platform
 * objects (promises, URLs, weak maps) are refused with an error that names where they are. An object that is referred
 * to twice comes back as two; one that contains itself is refused.
 */
export function records(options: RecordsOptions = {}): Serializer {
  return new Records(options)
}

/** A class, since V8 looks up the properties of an object literal that has a getter one by one, on every read. */
class Records implements Serializer {
  readonly id = 2
  readonly #shared: SharedStructures | undefined
  readonly #reader: RecordReader
  readonly #writer = new RecordWriter()
  #isWriting = false

  constructor({ structures, now = Date.now }: RecordsOptions) {
    const shared = structures === undefined ? undefined : new SharedStructures(structures, now)
    this.#shared = shared
    this.#reader = new RecordReader(new TableReader((id) => shared?.known(id)))
  }

  get heapBytes(): number {
    return this.#reader.heapBytes
  }

  serialize(value: unknown, life?: Lifetime): Uint8Array {
    // A getter of the value that is being written may write another value.
    if (this.#isWriting) return new RecordWriter().write(value, () => false)
    this.#isWriting = true
    try {
      const shared = this.#shared
      return this.#writer.write(
        value,
        (structure) => shared !== undefined && life !== undefined && shared.allows(structure, life),
      )
    } finally {
      this.#isWriting = false
    }
  }

  deserialize(bytes: Uint8Array, start?: number): unknown {
    return this.#reader.read(bytes, start)
  }

  prepare(error: unknown): Promise<void> | undefined {
    return error instanceof MissingStructures ? this.#shared?.fetch(error.ids) : undefined
  }
}
