/** So many are shown at once: few enough that a store of some hundred entries changes its policy no later. */
const AT_ONCE = 8

/** What happened to a sampled key: it was read, written over, or it is gone. */
export const READ = 0
export const WRITTEN = 1
export const GONE = 2

/**
 * What happened to sampled keys, in order, that the miniatures have not been shown yet. They are shown many at once:
 * one key in a hundred is sampled, and what a processor does so seldom it does from cold, at several times the cost,
 * and forgets something else for it.
 */
export class SampleLog {
  readonly hashes = new Int32Array(AT_ONCE)
  readonly bytes = new Uint32Array(AT_ONCE)
  readonly kinds = new Uint8Array(AT_ONCE)
  /** The first of these have happened. */
  length = 0

  /** `true` when it is full now and must be emptied. */
  add(hash: number, bytes: number, kind: number): boolean {
    const at = this.length++
    this.hashes[at] = hash
    this.bytes[at] = bytes
    this.kinds[at] = kind
    return this.length === AT_ONCE
  }
}
