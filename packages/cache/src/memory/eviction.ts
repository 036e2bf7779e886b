/**
 * An eviction policy: the order in which a bounded store gives entries up. It never sees keys or values, only *slots*,
 * small whole numbers that the store reuses, so that a policy can live in typed arrays and the simulator can drive the
 * very same code.
 *
 * The store tells the policy of every slot that comes (`insert`), is used (`touch`, `replace`) or goes for a reason of
 * its own (`remove`), and asks it for another when room is needed (`evict`). Room is made *before* the newcomer is
 * inserted, as the papers on S3-FIFO, SIEVE and ARC describe it. `hash` stands for the key: a policy that remembers keys
 * after they have gone (ghosts) or counts their uses (frequency sketch) knows them by it and by nothing else.
 */
export interface EvictionPolicy {
  /** Whether this policy looks at hashes. Otherwise the store passes 0 and spares itself the hashing of every key. */
  readonly usesHash: boolean
  /** From now on slots below `capacity` may be used. Called before the first insert, and whenever the store grows. */
  grow(capacity: number): void
  /** A new entry of `bytes` bytes occupies `slot`, which the policy does not hold. */
  insert(slot: number, hash: number, bytes: number): void
  /** The entry was read. On the path of every hit: it must not allocate. */
  touch(slot: number): void
  /** The value in the slot was overwritten, which counts as a use; it now occupies `bytes` bytes. */
  replace(slot: number, bytes: number): void
  /** The entry went for another reason than eviction (deleted, expired): no ghost of it is kept. */
  remove(slot: number): void
  /**
   * Chooses the slot to give up, lets go of it (perhaps keeping its ghost), and returns it; -1 when no slot is held.
   * `incoming` is the hash of the key that room is made for.
   */
  evict(incoming: number): number
}

/** The bounds of the store, for policies that divide it into segments. */
export interface EvictionLimits {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** Makes a policy that holds no slot and remembers nothing. The store makes a new one when it is cleared. */
export type EvictionPolicyFactory = (limits: EvictionLimits) => EvictionPolicy
