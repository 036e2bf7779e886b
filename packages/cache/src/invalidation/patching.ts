import { show } from '../errors.js'
import type { CacheEventOf } from '../events.js'
import type { Clock, Operation as LogOperation } from '../ports.js'
import type { Receipt } from '../writes.js'
import type { PatchFailure } from './audit-record.js'
import type { Dispatcher, StepResult } from './dispatcher.js'
import type { InvalidatingCache } from './invalidating-cache.js'
import type { Patch, PatchAnswer } from './targets.js'

/** How a patch ended: updated, or deleted instead for a reason. */
export interface PatchResult extends StepResult {
  readonly key: string
  readonly failure: PatchFailure | undefined
}

/**
 * Runs a patch in place of a deletion, and makes sure that it is no worse than one: an update is kept only when nothing
 * that covers its key entered the log between its beginning and its own place there, on whichever node. Otherwise it
 * may be made of what somebody has since invalidated, and the entry is deleted.
 */
export class Patching {
  readonly #cache: InvalidatingCache
  readonly #dispatcher: Dispatcher
  readonly #clock: Clock
  readonly #timeoutMs: number

  constructor(cache: InvalidatingCache, dispatcher: Dispatcher, clock: Clock, timeoutMs: number) {
    this.#cache = cache
    this.#dispatcher = dispatcher
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Expects to hold the key's lane. Rejects when the entry could neither be updated nor deleted. */
  async run(key: string, patch: Patch): Promise<PatchResult> {
    const heard: CacheEventOf<'applied'>[] = []
    let lost = false
    const stopHearing = this.#cache.on('applied', (event) => heard.push(event))
    const stopListening = this.#cache.on('log-lost', () => {
      lost = true
    })
    try {
      const outcome = await this.#attempt(patch)
      const failure =
        typeof outcome === 'string'
          ? outcome
          : lost || (await this.#overtaken(key, outcome, heard))
            ? 'overtaken'
            : undefined
      if (failure === undefined) return { ...(outcome as Receipt), key, failure, attempts: 1 }
      return { ...(await this.#dispatcher.sendNow({ kind: 'key', key, mode: 'delete' })), key, failure }
    } finally {
      stopHearing()
      stopListening()
    }
  }

  /** The receipt of the update, or why there is none. */
  async #attempt(patch: Patch): Promise<Receipt | PatchFailure> {
    const abort = new AbortController()
    let timer: unknown
    const late = new Promise<'timed-out'>((resolve) => {
      timer = this.#clock.setTimeout(() => {
        abort.abort(new Error(`the patch took longer than ${this.#timeoutMs} ms`))
        resolve('timed-out')
      }, this.#timeoutMs)
    })
    try {
      const answer = await Promise.race([Promise.resolve().then(() => patch(abort.signal)), late])
      if (answer === 'timed-out') return answer
      if (answer === false) return 'declined'
      checkReceipt(answer)
      return answer.propagated && answer.seq !== undefined ? answer : 'not-propagated'
    } catch {
      // The entry is deleted instead, which is as true; the record says that the patch failed.
      return 'failed'
    } finally {
      this.#clock.clearTimeout(timer)
    }
  }

  /**
   * A set resolves when everything before it in the log is applied here, so that all there is to hear has been heard.
   */
  async #overtaken(key: string, { seq }: Receipt, heard: readonly CacheEventOf<'applied'>[]): Promise<boolean> {
    const before = heard.filter((event) => event.seq < (seq as number)).flatMap((event) => event.operations)
    const tags = before.flatMap((operation) => (operation.type === 'tag' ? [operation.tag] : []))
    if (before.some((operation) => covers(operation, key))) return true
    if (tags.length === 0) return false
    const { memory, remote } = await this.#cache.inspect(key)
    const own = memory?.tags ?? remote?.tags
    return own === undefined || tags.some((tag) => own.includes(tag))
  }
}

/** Tags are judged apart. Whether a pattern covers the key is not worth knowing: a deletion is never wrong. */
function covers(operation: LogOperation, key: string): boolean {
  switch (operation.type) {
    case 'key':
    case 'set':
      return operation.key === key
    case 'pattern':
    case 'clear':
      return true
    case 'tag':
      return false
  }
}

function checkReceipt(answer: PatchAnswer): asserts answer is Receipt {
  if (typeof answer !== 'object' || answer === null || !('propagated' in answer)) {
    throw new TypeError(`patch: expected the receipt of set(), or false, got ${show(answer)}`)
  }
}
