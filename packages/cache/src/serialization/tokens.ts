/**
 * The bytes by which a stored value says what follows. Numbers are part of the stored format: never give one a new
 * meaning. `n` is a count or length; numbers are little-endian; a string's characters stand in the text block.
 */
export const TOKEN = Object.freeze({
  /** 0x00 to 0x7f: that number. */
  lastSmallInteger: 0x7f,
  /** 0x80 to 0x9f: a string of 0 to 31 code units. */
  shortString: 0x80,
  /** 0xa0 to 0xbf: an object with the structure at 0 to 31 of the value's table; its property values follow. */
  object: 0xa0,
  /** 0xc0 to 0xcf: an array of 0 to 15 elements. */
  shortArray: 0xc0,
  /** 0xd0 to 0xdf: -1 to -16. */
  smallNegative: 0xd0,
  null: 0xe0,
  undefined: 0xe1,
  false: 0xe2,
  true: 0xe3,
  uint8: 0xe4,
  uint16: 0xe5,
  int32: 0xe6,
  /** Whole numbers below 2^48, such as milliseconds since the epoch. */
  uint48: 0xe7,
  /**
   * An int16 or int32 that is divided by 100: prices, scores, coordinates. Written only when that gives the same
   * number.
   */
  hundredths16: 0xe8,
  hundredths32: 0xe9,
  float32: 0xea,
  float64: 0xeb,
  /** n as uint16, or as uint32. */
  string16: 0xec,
  string32: 0xed,
  array16: 0xee,
  array32: 0xef,
  /** The index in the table as uint16. */
  object16: 0xf0,
  /** n as uint32; n times a name (a string) and a value. For objects whose structure is not worth remembering. */
  dictionary: 0xf1,
  /** Milliseconds since the epoch as a float64; NaN for an invalid date. */
  date: 0xf2,
  bigint64: 0xf3,
  /** Beyond 64 bits: sign (0 or 1), n as uint32, magnitude of n bytes, big-endian. */
  bigint: 0xf4,
  /** n as uint32; n times key and value. */
  map: 0xf5,
  /** n as uint32; n values. */
  set: 0xf6,
  /** Kind, name, message, stack, object of own properties (`cause` and `errors` among them). */
  error: 0xf7,
  /** Source, flags. */
  regexp: 0xf8,
  /** Kind (an index of `BINARY_KINDS`), n as uint32, n bytes. */
  binary: 0xf9,
})

/** How the text block is written. */
export const TEXT = Object.freeze({ latin1: 0, utf8: 1, utf16: 2 })
/** Set in the last byte when the lengths before it are uint32 instead of uint16. */
export const WIDE = 4

/**
 * What bytes can be; the index is stored. Elements are in the byte order of the machine, little-endian wherever Node
 * runs by default.
 */
export const BINARY_KINDS = [
  'Uint8Array',
  'ArrayBuffer',
  'DataView',
  'Buffer',
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const

/** The errors of the language; any other becomes an `Error` with its name. */
export const ERROR_KINDS = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
] as const

/** Values nested deeper are refused in both directions; a value that contains itself is one of them. */
export const MAX_DEPTH = 500
