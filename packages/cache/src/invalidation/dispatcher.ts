import type { InvalidationMode } from '../ports.js'
import type { Receipt } from '../writes.js'
import type { InvalidatingCache } from './invalidating-cache.js'
import { Lanes, type Turn } from './lanes.js'
import { laneOf, merge, type Operation } from './operations.js'
import { isPermanent, type RetryPolicy, withRetry } from './retry.js'

/** How one step ended well. */
export interface StepResult extends Receipt {
  readonly attempts: number
}

/** An operation on its way: events that ask for the same before it has left share it. */
class Sending implements Turn {
  operation: Operation
  left = false
  readonly result: Promise<StepResult>
  resolve!: (result: StepResult) => void
  reject!: (error: unknown) => void
  done: () => void = () => undefined
  readonly #onBegin: (sending: Sending) => void

  constructor(operation: Operation, onBegin: (sending: Sending) => void) {
    this.operation = operation
    this.#onBegin = onBegin
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  begin(done: () => void): void {
    this.done = done
    this.#onBegin(this)
  }
}

class Working implements Turn {
  readonly #work: () => Promise<unknown>

  constructor(work: () => Promise<unknown>) {
    this.#work = work
  }

  begin(done: () => void): void {
    this.#work().then(done, done)
  }
}

/**
 * Sends operations to the cache: in order for each name, collected for the batch window into few calls, each of which
 * is retried. A call that the cache refuses for good is halved until the operation at fault stands alone, so that one
 * bad name fails nobody else.
 */
export class Dispatcher {
  readonly #cache: InvalidatingCache
  readonly #policy: RetryPolicy
  readonly #batchWindow: number
  readonly #lanes = new Lanes<Sending | Working>()
  #ready: Sending[] = []

  constructor(cache: InvalidatingCache, policy: RetryPolicy, batchWindow: number) {
    this.#cache = cache
    this.#policy = policy
    this.#batchWindow = batchWindow
  }

  /** Resolves when the cache has done it. */
  send(operation: Operation): Promise<StepResult> {
    const lane = laneOf(operation)
    const last = this.#lanes.last(lane)
    if (last instanceof Sending && !last.left) {
      last.operation = merge(last.operation, operation)
      return last.result
    }
    const sending = new Sending(operation, (begun) => this.#collect(begun))
    this.#lanes.take(lane, sending)
    return sending.result
  }

  /** Runs `work` in its turn of the lane, after what was sent before it and before what is sent later. */
  work<T>(lane: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#lanes.take(lane, new Working(() => work().then(resolve, reject)))
    })
  }

  /** As {@link send}, for work that holds the operation's lane already. */
  sendNow(operation: Operation): Promise<StepResult> {
    const sending = new Sending(operation, () => undefined)
    void this.#deliver([sending])
    return sending.result
  }

  #collect(sending: Sending): void {
    this.#ready.push(sending)
    if (this.#ready.length > 1) return
    if (this.#batchWindow === 0) queueMicrotask(() => this.#flush())
    else this.#policy.clock.setTimeout(() => this.#flush(), this.#batchWindow)
  }

  #flush(): void {
    const ready = this.#ready
    this.#ready = []
    const batches = new Map<string, Sending[]>()
    for (const sending of ready) {
      sending.left = true
      const name = batchOf(sending.operation)
      const batch = batches.get(name)
      if (batch === undefined) batches.set(name, [sending])
      else batch.push(sending)
    }
    for (const batch of batches.values()) void this.#deliver(batch)
  }

  /** Settles every operation of the batch. Never rejects. */
  async #deliver(batch: readonly Sending[]): Promise<void> {
    let attempts = 0
    try {
      const receipt = await withRetry(this.#policy, (number) => {
        attempts = number
        return this.#call(batch.map(({ operation }) => operation))
      })
      for (const sending of batch) sending.resolve({ ...receipt, attempts })
    } catch (error) {
      if (batch.length > 1 && isPermanent(error)) {
        const half = batch.length >> 1
        await Promise.all([this.#deliver(batch.slice(0, half)), this.#deliver(batch.slice(half))])
        return
      }
      for (const sending of batch) sending.reject(error)
    }
    for (const sending of batch) sending.done()
  }

  async #call(operations: readonly Operation[]): Promise<Receipt> {
    const first = operations[0] as Operation
    if (first.kind === 'everything') return this.#cache.clear()
    const mode: InvalidationMode = first.mode
    if (first.kind === 'pattern') return this.#cache.invalidate({ pattern: first.glob, mode })
    if (first.kind === 'regex') return this.#cache.invalidate({ regex: first.regex, mode })
    const keys = operations.flatMap((operation) => (operation.kind === 'key' ? [operation.key] : []))
    const tags = operations.flatMap((operation) => (operation.kind === 'tag' ? [operation.tag] : []))
    return this.#cache.invalidate({ keys, tags, mode })
  }
}

/** Operations with the same answer go in one call: keys and tags of one mode. */
function batchOf(operation: Operation): string {
  if (operation.kind === 'key' || operation.kind === 'tag') return operation.mode
  return laneOf(operation)
}
