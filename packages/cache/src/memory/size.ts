import type { MemoryEntry } from '../entry.js'

/** Values of up to this many nodes (a property, an element, a key each count one) are measured whole. */
const EXACT_NODES = 2_048
/** Larger ones are sampled by visiting about this many. */
const SAMPLED_NODES = 2_048
/** A sampled collection shares its visits out between at least this many of its elements. */
const MIN_ELEMENTS = 16
const MIN_VISITS = 8
/** What lies deeper is not looked at: the walk is recursive, and the stack is the caller's. */
const MAX_DEPTH = 200
/** Multiplying by this prime visits the elements of a large array in an order without pattern. */
const STRIDE = 2_654_435_761
/** Strings up to this length are looked through for wide characters; of longer ones, the beginning, middle and end. */
const WHOLE_STRING = 262_144
const STRING_WINDOW = 65_536
/** Below, a loop is faster than the start of a regular expression. */
const SHORT_STRING = 32
/** Not looked up in the string: see hash.ts. */
const { charCodeAt } = String.prototype
const WIDE = /[\u0100-\uffff]/

/** Bytes of V8 structures on 64-bit Node without pointer compression, as measured (docs/memory.md). */
const WORD = 8
const STRING_HEADER = 16
const BOXED_NUMBER = 16
const BIGINT_HEADER = 16
const OBJECT_HEADER = 24
const ARRAY_HEADER = 32
const ELEMENTS_HEADER = 16
const FUNCTION = 64
const DATE = 112
const REGEXP = 56
const ERROR = 384
const COLLECTION_HEADER = 72
const MAP_SLOT = 28
const SET_SLOT = 20
const BUFFER_HEADER = 96
const VIEW_HEADER = 96
/** Objects with more properties than this may be used as tables, with keys that no other object has. */
const MAX_RECORD_PROPERTIES = 16
/** A key that a programmer would give to a field; any other is taken for the object's own. */
const FIELD_NAME = /^[a-z_$][a-z_$]*\d{0,2}$/i
/** Such keys are kept as numbers. */
const INDEX = /^\d{1,9}$/
const OWN_KEY = 64
/** Objects with more properties than this are hash tables inside. */
const MAX_FAST_PROPERTIES = 128
const TABLE_SLOT = 24
/** A view on a small part of a buffer up to this size is taken for a slice of a shared pool. */
const POOL_SIZE = 65_536
/** The entry object with its numbers, its place in the index, and its slot in the columns. */
const ENTRY = 304

/**
 * The bytes that an entry occupies in the memory tier: its value as by {@link sizeOf}, key, tags, and what the tier
 * needs to hold it.
 */
export function sizeOfEntry(key: string, entry: MemoryEntry): number {
  let bytes = ENTRY + sizeOfString(key) + (entry.heapBytes ?? sizeOf(entry.value))
  for (let at = 0; at < entry.tags.length; at++) bytes += WORD + sizeOfString(entry.tags[at]!)
  return bytes
}

/**
 * The bytes that a value keeps alive on the heap of a 64-bit V8, calculated from its shape: 1 or 2 per character of
 * strings; objects, arrays, Map, Set with what they hold; buffers once, however many views there are. Shared and
 * circular references count once. Values of up to 2,048 nodes are measured whole; of larger ones as many are sampled,
 * and what that shows is scaled up, so that the work is bounded (docs/memory.md states the error).
 *
 * Not seen: private fields, what closures hold, native state (sockets, streams), what is nested more than 200 deep.
 * Getters of the value's own are called.
 */
export function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return sizeOfPrimitive(value)
  const whole = new SizeWalk(EXACT_NODES + 1)
  const bytes = whole.visit(value, Number.POSITIVE_INFINITY)
  if (!whole.isExhausted) return bytes
  return Math.ceil(new SizeWalk(SAMPLED_NODES * 2).visit(value, SAMPLED_NODES))
}

/** One pass over one value. `share` is how many visits a part of it may take; finite only when sampling. */
class SizeWalk {
  readonly #seen = new Set<object>()
  #visitsLeft: number
  #depth = 0

  constructor(visits: number) {
    this.#visitsLeft = visits
  }

  get isExhausted(): boolean {
    return this.#visitsLeft <= 0
  }

  visit(value: unknown, share: number): number {
    this.#visitsLeft--
    if (typeof value !== 'object' || value === null) return sizeOfPrimitive(value)
    if (this.#seen.has(value) || this.#depth === MAX_DEPTH) return 0
    this.#seen.add(value)
    this.#depth++
    const bytes = this.#contents(value, share)
    this.#depth--
    return bytes
  }

  #contents(value: object, share: number): number {
    if (Array.isArray(value)) return this.#array(value, share)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return this.#object(value, share)
    if (ArrayBuffer.isView(value)) return this.#view(value)
    if (value instanceof Map) return this.#map(value, share)
    if (value instanceof Set) return this.#set(value, share)
    if (value instanceof Date) return DATE
    if (isBuffer(value)) return BUFFER_HEADER + value.byteLength
    if (value instanceof Error) return ERROR + this.#object(value, share)
    if (value instanceof RegExp) return REGEXP + sizeOfString(value.source)
    return this.#object(value, share)
  }

  /** How many visits are to be left after a collection of that many parts has had its share. */
  #begin(parts: number, share: number): number {
    // Measured whole or not at all: one that cannot be finished need not be begun.
    if (share === Number.POSITIVE_INFINITY && parts > this.#visitsLeft) this.#visitsLeft = 0
    return this.#visitsLeft - share
  }

  #array(array: readonly unknown[], share: number): number {
    const sampled = share < Number.POSITIVE_INFINITY
    const partShare = shareOfPart(share, array.length)
    const enough = this.#begin(array.length, share)
    let boxed = 0
    let bytes = 0
    let numbersOnly = true
    let visited = 0
    while (visited < array.length && this.#visitsLeft > 0 && (visited === 0 || this.#visitsLeft > enough)) {
      const element = array[sampled ? (visited * STRIDE) % array.length : visited]
      visited++
      const size = this.visit(element, partShare)
      if (typeof element === 'number') boxed += size
      else {
        numbersOnly = false
        bytes += size
      }
    }
    // An array of numbers alone holds them unboxed.
    if (!numbersOnly) bytes += boxed
    const elements = array.length === 0 ? 0 : ELEMENTS_HEADER + array.length * WORD
    return ARRAY_HEADER + elements + scaled(bytes, visited, array.length)
  }

  #object(object: object, share: number): number {
    const keys = Object.keys(object)
    const count = keys.length
    const sampled = share < Number.POSITIVE_INFINITY
    const partShare = shareOfPart(share, count)
    const enough = this.#begin(count, share)
    let bytes = 0
    let visited = 0
    while (visited < count && this.#visitsLeft > 0 && (visited === 0 || this.#visitsLeft > enough)) {
      const key = keys[sampled ? (visited * STRIDE) % count : visited]!
      visited++
      bytes += this.visit(read(object, key), partShare)
      if (count > MAX_RECORD_PROPERTIES) bytes += sizeOfOwnKey(key, count)
    }
    const slots = count > MAX_FAST_PROPERTIES ? powerOfTwo(count * 1.5) * TABLE_SLOT : count * WORD
    return OBJECT_HEADER + slots + scaled(bytes, visited, count)
  }

  #map(map: ReadonlyMap<unknown, unknown>, share: number): number {
    const partShare = shareOfPart(share, map.size * 2)
    const enough = this.#begin(map.size * 2, share)
    let bytes = 0
    let visited = 0
    for (const [key, value] of map) {
      if (this.#visitsLeft <= 0 || (visited > 0 && this.#visitsLeft <= enough)) break
      visited++
      bytes += this.visit(key, partShare) + this.visit(value, partShare)
    }
    return COLLECTION_HEADER + powerOfTwo(map.size) * MAP_SLOT + scaled(bytes, visited, map.size)
  }

  #set(set: ReadonlySet<unknown>, share: number): number {
    const partShare = shareOfPart(share, set.size)
    const enough = this.#begin(set.size, share)
    let bytes = 0
    let visited = 0
    for (const value of set) {
      if (this.#visitsLeft <= 0 || (visited > 0 && this.#visitsLeft <= enough)) break
      visited++
      bytes += this.visit(value, partShare)
    }
    return COLLECTION_HEADER + powerOfTwo(set.size) * SET_SLOT + scaled(bytes, visited, set.size)
  }

  #view(view: ArrayBufferView): number {
    const { buffer } = view
    if (view.byteLength < buffer.byteLength && buffer.byteLength <= POOL_SIZE) return VIEW_HEADER + view.byteLength
    if (this.#seen.has(buffer)) return VIEW_HEADER
    this.#seen.add(buffer)
    return VIEW_HEADER + BUFFER_HEADER + buffer.byteLength
  }
}

function sizeOfPrimitive(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return sizeOfString(value)
    case 'number':
      return (value | 0) === value ? 0 : BOXED_NUMBER
    case 'bigint':
      return BIGINT_HEADER + WORD * wordsOf(value)
    case 'function':
      return FUNCTION
    default:
      return 0
  }
}

function sizeOfString(text: string): number {
  const bytes = STRING_HEADER + (isWide(text) ? 2 : 1) * text.length
  return Math.ceil(bytes / WORD) * WORD
}

/** Whether a string needs two bytes per character. V8 answers at once for a string that it stores with one. */
function isWide(text: string): boolean {
  if (text.length <= SHORT_STRING) {
    for (let index = 0; index < text.length; index++) if (charCodeAt.call(text, index) > 0xff) return true
    return false
  }
  if (text.length <= WHOLE_STRING) return WIDE.test(text)
  const middle = (text.length - STRING_WINDOW) >> 1
  return (
    WIDE.test(text.slice(0, STRING_WINDOW)) ||
    WIDE.test(text.slice(middle, middle + STRING_WINDOW)) ||
    WIDE.test(text.slice(-STRING_WINDOW))
  )
}

function wordsOf(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) return 1
  const digits = value.toString(16).length - (value < 0n ? 1 : 0)
  return Math.ceil(digits / 16)
}

/**
 * A key of an object with many: nothing for the name of a field, which its kind share; else what it takes by itself.
 */
function sizeOfOwnKey(key: string, keys: number): number {
  if (FIELD_NAME.test(key)) return 0
  if (INDEX.test(key)) return TABLE_SLOT
  return sizeOfString(key) + (keys > MAX_FAST_PROPERTIES ? 0 : OWN_KEY)
}

/** The least power of two that is not below `count`, and at least 4: the capacity of a V8 hash table. */
function powerOfTwo(count: number): number {
  return count <= 4 ? 4 : 2 ** Math.ceil(Math.log2(count))
}

function shareOfPart(share: number, parts: number): number {
  return Math.max(MIN_VISITS, share / Math.min(parts, MIN_ELEMENTS))
}

function scaled(bytes: number, visited: number, all: number): number {
  return visited === all || visited === 0 ? bytes : (bytes / visited) * all
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch {
    // A getter that throws: there is no value to count.
    return undefined
  }
}

function isBuffer(value: object): value is ArrayBufferLike {
  // Absent from pages that are not isolated from other origins.
  const isShared = typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer
  return isShared || value instanceof ArrayBuffer
}
