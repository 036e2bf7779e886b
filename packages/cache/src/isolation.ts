import { CacheError, reasonOf } from './errors.js'

/**
 * How readers are kept apart from each other: by trust (`share`), by freezing what is stored, or by cloning for
 * every reader and writer.
 */
export type Isolation = 'share' | 'freeze' | 'clone'

/** The value as memory keeps it. Throws a `CacheError` of code `invalid-argument` for one that cannot be kept so. */
export function stored<V>(key: string, value: V, isolation: Isolation): V {
  if (isolation === 'share' || !isObject(value)) return value
  try {
    return isolation === 'clone' ? structuredClone(value) : freezeDeeply(value)
  } catch (cause) {
    const message = `value: expected one that memory can ${isolation} (memory.isolate): ${reasonOf(cause)}`
    throw new CacheError('invalid-argument', message, { cause, key })
  }
}

/**
 * The value as a reader gets it, each of its own. One that cannot be copied was never stored, and is given as it was
 * loaded.
 */
export function isolated<V>(value: V, isolation: Isolation): V {
  if (isolation !== 'clone' || !isObject(value)) return value
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * Freezes plain data all the way down. Typed arrays cannot be frozen and Map and Set keep their methods: both stay as
 * they are.
 */
function freezeDeeply<V extends object>(root: V): V {
  const waiting: object[] = [root]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Object.isFrozen(next) || ArrayBuffer.isView(next)) continue
    Object.freeze(next)
    for (const inner of Object.values(next)) if (isObject(inner)) waiting.push(inner)
  }
  return root
}
