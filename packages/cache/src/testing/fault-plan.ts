import { invalidOption } from '../errors.js'
import { seededRandom } from '../seeded-random.js'

/** Milliseconds from (inclusive) and to (exclusive), drawn anew each time. */
export type DelayRange = readonly [from: number, to: number]

/**
 * What happens by chance to one node's dealings with the remote tier. Probabilities 0 to 1; what is left out does not
 * happen.
 */
export interface FaultProfile {
  /** On the way to the remote tier: before the effect. */
  readonly latency?: DelayRange
  /** On the way back: after the effect. */
  readonly replyLatency?: DelayRange
  /** Calls that fail and have no effect. */
  readonly failBefore?: number
  /** Calls that have their effect and then fail: the caller cannot know. */
  readonly failAfter?: number
  /** Messages (of the log, and of leases that end) that never arrive. */
  readonly dropMessage?: number
  /** Messages that arrive twice. */
  readonly duplicateMessage?: number
  /** Each message is late by so much, so that some overtake others. */
  readonly messageDelay?: DelayRange
}

/** Something that happens to the next call of a node, once. */
export interface CallFault {
  /** The method, as in `RemoteTier` or `log.` and a method of `Log`. Default: any. */
  readonly operation?: string
  /** Fails before its effect, or after it. */
  readonly fail?: 'before' | 'after'
  readonly latencyMs?: number
  readonly replyLatencyMs?: number
}

/** What is decided for one call. */
export interface CallFate {
  readonly latencyMs: number
  readonly replyLatencyMs: number
  readonly fail: 'before' | 'after' | undefined
}

type MessageFault = 'drop' | 'duplicate' | { readonly delayMs: number }

const PROBABILITIES = ['failBefore', 'failAfter', 'dropMessage', 'duplicateMessage'] as const
const RANGES = ['latency', 'replyLatency', 'messageDelay'] as const

/** Decides what befalls the calls and messages of one node: first what was ordered, then what chance brings. */
export class FaultPlan {
  commandsCut = false
  subscriptionCut = false
  readonly #random: () => number
  #profile: FaultProfile = {}
  readonly #calls: CallFault[] = []
  readonly #messages: MessageFault[] = []

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  set profile(profile: FaultProfile) {
    for (const name of Object.keys(profile)) {
      if (![...PROBABILITIES, ...RANGES].some((known) => known === name)) {
        throw invalidOption(`faults.${name}`, 'an unknown fault', `one of ${[...PROBABILITIES, ...RANGES].join(', ')}`)
      }
    }
    for (const name of PROBABILITIES) {
      const value = profile[name] ?? 0
      if (!(value >= 0 && value <= 1)) throw invalidOption(`faults.${name}`, value, 'a probability from 0 to 1')
    }
    for (const name of RANGES) {
      const [from, to] = profile[name] ?? [0, 0]
      if (!(from >= 0 && to >= from)) throw invalidOption(`faults.${name}`, profile[name], '[from, to] in milliseconds')
    }
    this.#profile = profile
  }

  nextCall(fault: CallFault): void {
    this.#calls.push(fault)
  }

  nextMessage(fault: MessageFault): void {
    this.#messages.push(fault)
  }

  /** Ends chance and orders; what is cut stays cut. */
  calm(): void {
    this.#profile = {}
    this.#calls.length = 0
    this.#messages.length = 0
  }

  call(operation: string): CallFate {
    const { latency, replyLatency, failBefore = 0, failAfter = 0 } = this.#profile
    const index = this.#calls.findIndex((fault) => fault.operation === undefined || fault.operation === operation)
    const ordered = index < 0 ? undefined : this.#calls.splice(index, 1)[0]
    return {
      latencyMs: ordered?.latencyMs ?? this.#draw(latency),
      replyLatencyMs: ordered?.replyLatencyMs ?? this.#draw(replyLatency),
      fail: ordered?.fail ?? (this.#happens(failBefore) ? 'before' : this.#happens(failAfter) ? 'after' : undefined),
    }
  }

  /** When the copies of a message arrive, in milliseconds from now: none when it is lost, two when it is doubled. */
  arrivals(): readonly number[] {
    const { dropMessage = 0, duplicateMessage = 0, messageDelay } = this.#profile
    const ordered = this.#messages.shift()
    if (this.subscriptionCut || ordered === 'drop') return []
    if (ordered === 'duplicate') return [0, 0]
    if (ordered !== undefined) return [ordered.delayMs]
    if (this.#happens(dropMessage)) return []
    const copies = this.#happens(duplicateMessage) ? 2 : 1
    return Array.from({ length: copies }, () => this.#draw(messageDelay))
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#random() < probability
  }

  #draw(range: DelayRange | undefined): number {
    if (range === undefined) return 0
    return range[0] + (range[1] - range[0]) * this.#random()
  }
}
