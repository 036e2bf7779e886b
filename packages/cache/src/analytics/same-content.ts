/**
 * Whether two values have the same content, as far as a codec keeps it: a value that has been through the remote tier
 * equals the one that was put in. Prototypes are not compared and properties that are `undefined` count as absent;
 * `Date`, `Map`, `Set`, typed arrays, `NaN` and `BigInt` are compared by what they hold, whatever the order of
 * properties. Map keys and Set members that are objects are compared in insertion order. Cyclic values are compared as
 * far as they go.
 */
export function sameContent(a: unknown, b: unknown): boolean {
  return same(a, b, new Map())
}

/** `underWay`: for each object being compared, with what; meeting that pair again is meeting a cycle. */
function same(a: unknown, b: unknown, underWay: Map<object, object>): boolean {
  if (Object.is(a, b) || a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (underWay.get(a) === b) return true
  underWay.set(a, b)
  try {
    return sameObjects(a, b, underWay)
  } finally {
    underWay.delete(a)
  }
}

function sameObjects(a: object, b: object, underWay: Map<object, object>): boolean {
  if (kindOf(a) !== kindOf(b)) return false
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime())
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return sameBytes(bytesOf(a), bytesOf(b))
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) return sameBytes(new Uint8Array(a), new Uint8Array(b))
  if (a instanceof Map && b instanceof Map) return sameMaps(a, b, underWay)
  if (a instanceof Set && b instanceof Set) return sameSets(a, b, underWay)
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b)
  if (a instanceof Error && b instanceof Error && (a.name !== b.name || a.message !== b.message)) return false
  if (Array.isArray(a) && Array.isArray(b)) return sameSequences(a, b, underWay)
  return sameProperties(a as Record<string, unknown>, b as Record<string, unknown>, underWay)
}

const KINDS = [Date, Map, Set, ArrayBuffer, RegExp, URL, Error] as const

function kindOf(value: object): unknown {
  if (Array.isArray(value)) return 'array'
  // A Buffer is bytes like any Uint8Array; other views differ in what their bytes mean.
  if (value instanceof Uint8Array) return Uint8Array
  if (ArrayBuffer.isView(value)) return value.constructor
  return KINDS.find((kind) => value instanceof kind)
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

function sameSequences(a: readonly unknown[], b: readonly unknown[], underWay: Map<object, object>): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (!same(a[index], b[index], underWay)) return false
  return true
}

function sameMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>, underWay: Map<object, object>): boolean {
  if (a.size !== b.size) return false
  if ([...a.keys()].some(isObject)) return sameSequences([...a].flat(1), [...b].flat(1), underWay)
  return [...a].every(([key, value]) => b.has(key) && same(value, b.get(key), underWay))
}

function sameSets(a: Set<unknown>, b: Set<unknown>, underWay: Map<object, object>): boolean {
  if (a.size !== b.size) return false
  if ([...a].some(isObject)) return sameSequences([...a], [...b], underWay)
  return [...a].every((member) => b.has(member))
}

function sameProperties(
  a: Record<string, unknown>,
  b: Record<string, unknown>,
  underWay: Map<object, object>,
): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => same(a[name], b[name], underWay))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
