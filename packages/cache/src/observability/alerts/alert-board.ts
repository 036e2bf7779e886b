import { randomBytes } from 'node:crypto'
import type { Board, Clock, Logger } from '../../ports.js'
import type { Alert, Delivery, Silence } from '../../watching.js'
import type { TrackedAlert } from './lifecycle.js'

/** What the judge leaves for its successor, and for the others to show. */
export interface SharedState {
  readonly judge: string
  readonly alerts: readonly TrackedAlert[]
  readonly resolved: readonly Alert[]
  readonly deliveries: readonly Delivery[]
}

/** `alone`: the board does not answer, so each process judges what it sees. */
export type Role = 'judge' | 'follower' | 'alone'

export interface AlertBoardOptions {
  /** `undefined`: this process knows of no other, and judges. */
  readonly board: Board | undefined
  readonly node: string
  readonly clock: Clock
  readonly logger: Logger
}

const CHORE = 'alerts'
const TOPIC = 'alerts'
const STATE = 'state'
/** Before the name of a process that does not judge: what it resolved alone. */
const RESOLVED = 'resolved.'
const SILENCES = 'silences'
const STATE_LIFE_MS = 86_400_000
const NO_STATE: SharedState = { judge: '', alerts: [], resolved: [], deliveries: [] }

/**
 * What processes tell each other of alerts: which one judges, what it knows, and which alerts are silenced. Nothing
 * here rejects but {@link silence} and {@link unsilence}; what cannot be read is as it was known last.
 */
export class AlertBoard {
  readonly #options: AlertBoardOptions
  #state = NO_STATE
  #silences: readonly Silence[] = []
  #resolvedElsewhere: readonly Alert[] = []
  #left: readonly Alert[] = []

  constructor(options: AlertBoardOptions) {
    this.#options = options
  }

  /** As it was read last, or left by {@link leave}. */
  get state(): SharedState {
    return this.#state
  }

  /** What any process has resolved: the judge, and those that judged what concerned them alone. */
  get resolved(): readonly Alert[] {
    return [...this.#state.resolved, ...this.#resolvedElsewhere]
  }

  /** Those that have not ended. */
  get silences(): readonly Silence[] {
    const now = this.#options.clock.now()
    return this.#silences.filter(({ until }) => until > now)
  }

  async claim(leaseMs: number): Promise<Role> {
    const { board, node, logger } = this.#options
    if (board === undefined) return 'judge'
    try {
      return (await board.claim(CHORE, node, leaseMs)) ? 'judge' : 'follower'
    } catch (error) {
      logger.debug({ err: error }, 'the chore of judging could not be claimed')
      return 'alone'
    }
  }

  isSilenced({ id, rule }: Pick<Alert, 'id' | 'rule'>): boolean {
    return this.silences.some(({ alert }) => alert === id || alert === rule)
  }

  async silence(request: Omit<Silence, 'id'>): Promise<Silence> {
    const { board, clock } = this.#options
    const silence = { ...request, id: randomBytes(8).toString('hex') }
    await board?.put(SILENCES, silence.id, Buffer.from(JSON.stringify(silence)), silence.until - clock.now())
    this.#silences = [...this.#silences, silence]
    return silence
  }

  async unsilence(id: string): Promise<void> {
    await this.#options.board?.remove(SILENCES, id)
    this.#silences = this.#silences.filter((silence) => silence.id !== id)
  }

  async read(): Promise<void> {
    try {
      const [state, silences] = (await this.#options.board?.read([TOPIC, SILENCES])) ?? []
      const bytes = state?.get(STATE)
      if (bytes !== undefined) this.#state = { ...NO_STATE, ...(parsed(bytes) as Partial<SharedState>) }
      if (state !== undefined)
        this.#resolvedElsewhere = [...state].flatMap(([name, one]) =>
          name.startsWith(RESOLVED) ? (parsed(one) as Alert[]) : [],
        )
      if (silences !== undefined) this.#silences = [...silences.values()].map((one) => parsed(one) as Silence)
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'what others know of alerts could not be read')
    }
  }

  async leave(state: SharedState): Promise<void> {
    this.#state = state
    await this.#share(STATE, state)
  }

  /** Tells of what a process that does not judge has resolved; only of what is new. */
  async leaveResolved(resolved: readonly Alert[]): Promise<void> {
    if (resolved === this.#left) return
    if (await this.#share(RESOLVED + this.#options.node, resolved)) this.#left = resolved
  }

  async #share(name: string, value: unknown): Promise<boolean> {
    try {
      await this.#options.board?.put(TOPIC, name, Buffer.from(JSON.stringify(value)), STATE_LIFE_MS)
      return true
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'what is known of alerts could not be shared')
      return false
    }
  }
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString())
}
