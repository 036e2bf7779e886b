/** A fixed sequence of the keys, with repetitions (Numerical Recipes' generator), so that runs can be compared. */
export function shuffled<K>(count: number, keys: readonly K[]): K[] {
  let state = 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return keys[state % keys.length] as K
  })
}

/**
 * A loop over the order that awaits each read. It is compiled for this reader alone, as a call in an application is: in
 * a loop that everybody shares, V8 would have to be ready for all of them, and everybody would pay for that.
 */
export function awaiting<K>(read: (key: K) => unknown, order: readonly K[]): () => Promise<void> {
  return new Function('read', 'order', 'return async () => { for (const key of order) await read(key) }')(read, order)
}

/** As {@link awaiting}, for reads that need no awaiting; returns how many found something. */
export function counting<K>(read: (key: K) => unknown, order: readonly K[]): () => number {
  const body =
    'return () => { let found = 0; for (const key of order) if (read(key) !== undefined) found++; return found }'
  return new Function('read', 'order', body)(read, order)
}
