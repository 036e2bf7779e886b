/**
 * How readers are kept apart from each other: by trust (`share`), by freezing what is stored, or by cloning for
 * every reader and writer.
 */
export type Isolation = 'share' | 'freeze' | 'clone'

/** The value as memory keeps it. */
export function stored<V>(value: V, isolation: Isolation): V {
  if (isolation === 'share' || !isObject(value)) return value
  return isolation === 'clone' ? structuredClone(value) : freezeDeeply(value)
}

/** The value as a reader gets it from memory. */
export function isolated<V>(value: V, isolation: Isolation): V {
  return isolation === 'clone' && isObject(value) ? structuredClone(value) : value
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Freezes plain data all the way down. Typed arrays cannot be frozen and Map and Set keep their methods: both stay as they are. */
function freezeDeeply<V extends object>(root: V): V {
  const waiting: object[] = [root]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Object.isFrozen(next) || ArrayBuffer.isView(next)) continue
    Object.freeze(next)
    for (const inner of Object.values(next)) if (isObject(inner)) waiting.push(inner)
  }
  return root
}
