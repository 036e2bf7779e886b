import type { BypassedTier } from '../events.js'
import type { Board, Clock, Logger, Timer } from '../ports.js'
import type { BypassTold } from '../tiers.js'
import type { FleetBypass } from '../watching.js'

export interface FleetBypassesOptions {
  /** `undefined`: this process knows of no other, and follows itself alone. */
  readonly board: Board | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** Takes a tier out of the reads of this process, or back. */
  readonly apply: (tier: BypassedTier, on: boolean, told: BypassTold) => void
}

const TOPIC = 'bypass'
const TIERS: readonly BypassedTier[] = ['memory', 'remote']
/** So long after one process was told, all know. */
const FOLLOW_MS = 2_000

/**
 * The tiers around which all processes of a namespace read. Each is a part on the board that expires when its time is
 * over; every process looks there regularly, and so does one that starts meanwhile. While the board does not answer,
 * what was known last holds until its own end: a remote tier that is bypassed because it is sick must not come back
 * because it is.
 */
export class FleetBypasses {
  readonly #options: FleetBypassesOptions
  #known: readonly FleetBypass[] = []
  /** Counts what was asked for here, so that an older look at the board does not undo it. */
  #asked = 0
  #timer: Timer

  constructor(options: FleetBypassesOptions) {
    this.#options = options
    void this.#follow()
  }

  get active(): readonly FleetBypass[] {
    return this.#known
  }

  async begin(bypass: FleetBypass): Promise<void> {
    const { board, clock } = this.#options
    await board?.put(TOPIC, bypass.tier, Buffer.from(JSON.stringify(bypass)), bypass.until - clock.now())
    this.#asked++
    this.#become([...this.#known.filter(({ tier }) => tier !== bypass.tier), bypass])
  }

  async end(tier: BypassedTier): Promise<void> {
    await this.#options.board?.remove(TOPIC, tier)
    this.#asked++
    this.#become(this.#known.filter((one) => one.tier !== tier))
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #follow(): Promise<void> {
    const { clock } = this.#options
    // Spread by chance, so that the processes of a fleet do not all look at once.
    this.#timer = clock.setTimeout(() => void this.#follow(), FOLLOW_MS * (0.8 + 0.2 * clock.random()))
    const known = await this.#read()
    if (this.#timer !== undefined) this.#become(known.filter(({ until }) => until > clock.now()))
  }

  async #read(): Promise<readonly FleetBypass[]> {
    const { board, logger } = this.#options
    if (board === undefined) return this.#known
    const asked = this.#asked
    try {
      const [parts] = await board.read([TOPIC])
      return asked === this.#asked ? [...(parts ?? []).values()].map(parsed) : this.#known
    } catch (error) {
      logger.debug({ err: error }, 'whether the fleet bypasses a tier could not be read')
      return this.#known
    }
  }

  #become(known: readonly FleetBypass[]): void {
    const { apply, logger } = this.#options
    const before = this.#known
    this.#known = known
    for (const tier of TIERS) {
      const [was, is] = [before, known].map((some) => some.find((one) => one.tier === tier))
      if ((was === undefined) === (is === undefined)) continue
      const { by, reason, until } = (is ?? was) as FleetBypass
      apply(tier, is !== undefined, is === undefined ? { scope: 'fleet' } : { scope: 'fleet', by, reason, until })
      logger.warn(
        { tier, by, reason, until },
        is === undefined ? 'no longer bypassed by the fleet' : 'bypassed by the fleet',
      )
    }
  }
}

function parsed(bytes: Uint8Array): FleetBypass {
  return JSON.parse(Buffer.from(bytes).toString())
}
