/** The policy is told of this many uses at once: a hit then costs one store here, whatever the policy does with it. */
const AT_ONCE = 64
/** Of a quiet store one use in this many is told. */
export const TOLD_OF = 16
const OFFSET_BITS = 28
/** A store is quiet after this many uses for each entry, and at least {@link LEAST_QUIET} of them. */
const QUIET_AFTER = 8
const LEAST_QUIET = 1_024

/**
 * Uses of slots, in order, that the policy has not been told of yet. While a store evicts nothing, its order of
 * eviction matters to nobody: after eight uses for each entry without a change (nothing came, went or was replaced) it
 * is *quiet*, and one use in 16 is kept; the others cost a decrement. (The read buffers of Caffeine lose uses for the
 * same reason.) Which of 16 is drawn at random: traffic with a rhythm would otherwise show the same entries each time.
 * The first entry that comes or goes ends the quiet.
 *
 * Fields are used as they are: a method would be a call more in every hit.
 */
export class UseLog {
  /** The first {@link length} are to be told. */
  readonly slots = new Int32Array(AT_ONCE)
  length = 0
  /** They are told when there are this many. */
  limit = AT_ONCE
  /** Uses that are to go by before the next is kept. */
  toSkip = 0
  /** Uses that each of those kept stands for. */
  share = 1
  #offset = 0
  #uses = 0
  #random = 0x2545_f491

  /** What is here is being told to the policy of a store that holds that many entries. */
  empty(entries: number): void {
    this.#uses += this.length * this.share
    this.length = 0
    if (this.share === 1 && this.#uses > Math.max(LEAST_QUIET, QUIET_AFTER * entries)) this.#fallQuiet()
    if (this.share > 1) this.#draw()
  }

  /** The store has changed, or is about to: every use is kept from now on. */
  wake(): void {
    this.#uses = 0
    this.share = 1
    this.limit = AT_ONCE
    this.toSkip = 0
  }

  #fallQuiet(): void {
    this.share = TOLD_OF
    this.limit = 1
    this.#offset = TOLD_OF - 1
  }

  /** Passes over the rest of these 16 uses, and as many of the next as come before one of them at random. */
  #draw(): void {
    const rest = TOLD_OF - 1 - this.#offset
    // A linear congruential generator (Press et al., Numerical Recipes); its upper bits are the better ones.
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0
    this.#offset = this.#random >>> OFFSET_BITS
    this.toSkip = rest + this.#offset
  }
}
