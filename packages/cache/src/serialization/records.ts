import type { Serializer } from '../codec.js'
import type { StructureStore } from '../ports.js'
import { RecordReader } from './record-reader.js'
import { RecordWriter } from './record-writer.js'
import { SharedStructures } from './shared-structures.js'
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
  const shared =
    options.structures === undefined ? undefined : new SharedStructures(options.structures, options.now ?? Date.now)
  const tables = new TableReader((id) => shared?.known(id))
  const reader = new RecordReader(tables)
  const writer = new RecordWriter()
  let writing = false
  return {
    id: 2,
    serialize(value, life) {
      // A getter of the value that is being written may write another value.
      if (writing) return new RecordWriter().write(value, () => false)
      writing = true
      try {
        return writer.write(
          value,
          (structure) => shared !== undefined && life !== undefined && shared.allows(structure, life),
        )
      } finally {
        writing = false
      }
    },
    deserialize: (bytes, start) => reader.read(bytes, start),
    get heapBytes() {
      return reader.heapBytes
    },
    prepare: (error) => (error instanceof MissingStructures ? shared?.fetch(error.ids) : undefined),
  }
}
