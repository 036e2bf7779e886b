/**
 * The extension types by which our MessagePack says what it has no word for. Numbers are part of the stored format:
 * never give one a new meaning.
 */
export const EXTENSION = Object.freeze({
  /** One byte, 0. The same as in notepack and msgpackr. */
  undefined: 0,
  /** Milliseconds since the epoch as a float64; NaN for an invalid date. */
  date: 1,
  /** A BigInt beyond 64 bits: sign (0 or 1) and magnitude, big-endian. */
  bigint: 2,
  /** Key, value, key, value, ... */
  map: 3,
  set: 4,
  /** An array: kind, name, message, stack, object of own properties (`cause` and `errors` among them). */
  error: 5,
  /** An array: source, flags. */
  regexp: 6,
  /** A string that is no well-formed Unicode, as UTF-16 code units, little-endian. */
  utf16: 7,
  /** Kind (an index of `BINARY_KINDS`), then the bytes. A plain `Uint8Array` is MessagePack's own `bin`. */
  binary: 8,
})

/** What bytes can be; the index is stored. Elements are in the byte order of the machine, little-endian wherever Node runs by default. */
export const BINARY_KINDS = [
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
