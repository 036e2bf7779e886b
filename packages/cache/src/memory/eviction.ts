import type { PolicyFigures } from '../ports.js'

/**
 * An eviction policy: the order in which a bounded store gives entries up. It never sees keys or values, only *slots*,
 * small whole numbers that the store reuses, so that a policy can live in typed arrays and the simulator can drive the
 * very same code.
 *
 * The store tells the policy of every slot that comes (`insert`), is used (`touch`, `replace`) or goes for a reason of
 * its own (`remove`), and asks it for another when room is needed (`evict`). While it gives nothing up it may tell of
 * few uses only: see `UseLog`. Room is made *before* the newcomer is inserted, as the papers on S3-FIFO, SIEVE and ARC
 * describe it. What is known of a slot stands in {@link SlotColumns}, which the store owns and fills in before it tells
 * the policy. A policy that remembers keys after they have gone (ghosts) or counts their uses (frequency sketch) knows
 * them by their hashes and by nothing else.
 */
export interface EvictionPolicy {
  /** From now on slots below `columns.capacity` may be used. Called before the first insert, and whenever they grow. */
  grow(columns: SlotColumns): void
  /** A new entry occupies `slot`, which the policy does not hold. */
  insert(slot: number): void
  /** The entry was read. On the path of every hit: it must not allocate. */
  touch(slot: number): void
  /** The value in the slot was overwritten, perhaps by one of another size, which counts as a use. */
  replace(slot: number): void
  /** The entry went for another reason than eviction (deleted, expired): no ghost of it is kept. */
  remove(slot: number): void
  /**
   * Chooses the slot to give up, lets go of it (perhaps keeping its ghost), and returns it; -1 when no slot is held.
   * `incoming` is the hash of the key that room is made for. `lacking` says how many bytes are too many; 0 when it is
   * only the number of entries that is too large, so that their sizes do not matter.
   */
  evict(incoming: number, lacking: number): number
  /**
   * Takes over a slot from another policy, the first to go before the others. `warmth` is its place in that order, from
   * 0 for the first to 1 for the last.
   */
  adopt(slot: number, warmth: number): void
  /**
   * Takes over the tuning of a policy of its kind that sees a sample of the keys. Called before it adopts what another
   * one held.
   */
  follow?(model: EvictionPolicy): void
  /** The store has other bounds from now on. Only for policies that ask for them. */
  resize?(limits: EvictionLimits): void
  /** How the policy came to its present choice, if it makes one. */
  report?(): PolicyChoiceReport
}

/** What an adaptive policy has learnt. */
export type PolicyChoiceReport = Omit<PolicyFigures, 'name' | 'byteHitRate'>

/** What the store knows of its entries, by slot. Replaced as a whole when the store grows. */
export interface SlotColumns {
  /** Length of each column. */
  readonly capacity: number
  /** Hash of the key, of 32 bits, signed: V8 keeps such numbers unboxed. */
  readonly hashes: Int32Array<ArrayBuffer>
  /** Size of the entry in bytes; what is larger than 2^32 - 1 counts as that. */
  readonly bytes: Uint32Array<ArrayBuffer>
}

/** Columns of zeros, or longer copies of `known`. */
export function slotColumns(capacity: number, known?: SlotColumns): SlotColumns {
  const hashes = new Int32Array(capacity)
  const bytes = new Uint32Array(capacity)
  if (known !== undefined) {
    hashes.set(known.hashes)
    bytes.set(known.bytes)
  }
  return { capacity, hashes, bytes }
}

/** The bounds of the store. */
export interface EvictionLimits {
  readonly maxEntries: number
  readonly maxBytes: number
  /** Wall time in milliseconds, for reports. Default: 0. */
  readonly now?: () => number
}

/** Makes a policy that holds no slot and remembers nothing. The store makes a new one when it is cleared. */
export type EvictionPolicyFactory = (limits: EvictionLimits) => EvictionPolicy
