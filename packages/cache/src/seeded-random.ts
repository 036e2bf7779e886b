/**
 * A repeatable source of numbers in [0, 1): the same seed gives the same sequence on every machine. Not for secrets.
 * Mulberry32 (T. Ettinger, 2017): 32 bits of state, period 2^32, ample for a simulation.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
