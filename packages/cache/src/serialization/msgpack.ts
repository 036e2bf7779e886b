import type { Serializer } from '../codec.js'
import { MsgpackReader } from './msgpack-reader.js'
import { MsgpackWriter } from './msgpack-writer.js'

/**
 * MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) with extension types for what JavaScript has
 * beyond it: `undefined`, -0, `Date`, `Map`, `Set`, `BigInt` of any size, typed arrays, `ArrayBuffer`, `Buffer`,
 * `RegExp`, `Error` with its cause, strings that are no valid Unicode.
 *
 * Instances of classes come back as plain objects of their own enumerable properties. Functions, symbols and platform
 * objects (promises, URLs, weak maps) are refused with an error that names where they are. An object that is referred
 * to twice comes back as two; one that contains itself is refused.
 */
export function msgpack(): Serializer {
  const reader = new Guarded(() => new MsgpackReader())
  const writer = new Guarded(() => new MsgpackWriter())
  return {
    id: 1,
    serialize: (value) => writer.use((one) => one.write(value)),
    deserialize: (bytes) => reader.use((one) => one.read(bytes)),
  }
}

/** Reuses one object, except while it is busy: a getter of the value that is being written may write another value. */
class Guarded<T> {
  private readonly kept: T
  private busy = false

  constructor(private readonly create: () => T) {
    this.kept = create()
  }

  use<R>(work: (one: T) => R): R {
    if (this.busy) return work(this.create())
    this.busy = true
    try {
      return work(this.kept)
    } finally {
      this.busy = false
    }
  }
}
