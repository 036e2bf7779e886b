/** From keys to the slots that their entries are in. */
export interface KeyIndex {
  /** Whether it needs hashes of keys: they stand in the column of hashes, and are passed to {@link findHashed}. */
  readonly usesHash: boolean
  readonly size: number
  /** The slot of a key; -1 when there is none. */
  find(key: string): number
  /** As {@link find}, for a caller who has the hash. */
  findHashed(key: string, hash: number): number
  /** Adds a key that is not there; it is in the column of keys already, and its hash in that of hashes. */
  add(key: string, slot: number): void
  /** Removes a key that is there, while its columns still hold it. */
  remove(key: string, slot: number): void
  /** The columns have been replaced by longer ones. */
  grow(keys: readonly (string | undefined)[], hashes: Uint32Array): void
}
