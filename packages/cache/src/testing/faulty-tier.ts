import { CacheError } from '../errors.js'
import type {
  Board,
  Clock,
  Commit,
  Log,
  Logger,
  LogListener,
  LogMessage,
  RemoteState,
  RemoteTier,
  RemoteValue,
  StructureStore,
  Timer,
} from '../ports.js'
import type { FaultPlan } from './fault-plan.js'

/** One node's connection, as its {@link FaultPlan} has it. */
export class FaultyTier implements RemoteTier {
  readonly log: Log
  readonly board?: Board
  readonly structures?: StructureStore
  readonly holdsUpMs?: number
  readonly #inner: RemoteTier
  readonly #plan: FaultPlan
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #closed: () => void
  readonly #stateListeners = new Set<(state: RemoteState, error?: unknown) => void>()
  readonly #logListeners = new Set<LogListener>()
  readonly #leaseListeners = new Set<(key: string) => void>()
  readonly #timers = new Set<Timer>()
  #told: RemoteState
  #heard: boolean

  constructor(inner: RemoteTier, plan: FaultPlan, context: { clock: Clock; logger: Logger }, closed: () => void) {
    this.#inner = inner
    this.#plan = plan
    this.#clock = context.clock
    this.#logger = context.logger
    this.#closed = closed
    this.#told = this.state()
    this.#heard = !plan.subscriptionCut
    this.log = this.#createLog(inner.log)
    if (inner.board !== undefined) this.board = this.#createBoard(inner.board)
    if (inner.structures !== undefined) this.structures = this.#createStructures(inner.structures)
    if (inner.holdsUpMs !== undefined) this.holdsUpMs = inner.holdsUpMs
    inner.onState((_state, error) => this.#tellState(error))
    inner.onLeaseEnd((key) => this.#deliver(() => this.#tellAll(this.#leaseListeners, (listener) => listener(key))))
  }

  get kind(): string {
    return this.#inner.kind
  }

  state(): RemoteState {
    const state = this.#inner.state()
    return state === 'up' && this.#plan.commandsCut ? 'down' : state
  }

  onState(listener: (state: RemoteState, error?: unknown) => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  onLeaseEnd(listener: (key: string) => void): () => void {
    this.#leaseListeners.add(listener)
    return () => this.#leaseListeners.delete(listener)
  }

  connect = () => this.#call('connect', () => this.#inner.connect())
  get = (keys: readonly string[]) => this.#call('get', () => this.#inner.get(keys))
  getWithPosition = (keys: readonly string[]) => this.#call('getWithPosition', () => this.#inner.getWithPosition(keys))
  remainingMs = (key: string) => this.#call('remainingMs', () => this.#inner.remainingMs(key))
  release = (key: string, token: string) => this.#call('release', () => this.#inner.release(key, token))
  commit = (commit: Commit) => this.#call('commit', () => this.#inner.commit(commit))

  acquire(key: string, token: string, leaseMs: number, expected?: Uint8Array | 'absent') {
    return this.#call('acquire', () => this.#inner.acquire(key, token, leaseMs, expected))
  }

  renew(key: string, token: string, leaseMs: number) {
    return this.#call('renew', () => this.#inner.renew(key, token, leaseMs))
  }

  seize(key: string, token: string, leaseMs: number) {
    return this.#call('seize', () => this.#inner.seize(key, token, leaseMs))
  }

  fill(values: readonly (RemoteValue & { readonly token: string })[]) {
    return this.#call('fill', () => this.#inner.fill(values))
  }

  async *scan(batch: number): AsyncIterable<readonly string[]> {
    const batches = this.#inner.scan(batch)[Symbol.asyncIterator]()
    for (;;) {
      const next = await this.#call('scan', () => batches.next())
      if (next.done) return
      yield next.value
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer)
    this.#timers.clear()
    this.#closed()
    await this.#inner.close()
    this.#tellState(undefined)
    this.#stateListeners.clear()
    this.#logListeners.clear()
    this.#leaseListeners.clear()
  }

  /** For the handle: something was cut or healed. */
  cutsChanged(): void {
    this.#tellState(this.#plan.commandsCut ? unavailable() : undefined)
    const hears = !this.#plan.subscriptionCut
    if (hears === this.#heard) return
    this.#heard = hears
    this.#tellAll(this.#logListeners, (listener) => (hears ? listener.up() : listener.down()))
  }

  #createLog(inner: Log): Log {
    return {
      position: () => this.#call('log.position', () => inner.position()),
      snapshot: () => this.#call('log.snapshot', () => inner.snapshot()),
      read: (after, limit) => this.#call('log.read', () => inner.read(after, limit)),
      tags: (names) => this.#call('log.tags', () => inner.tags(names)),
      renew: (epoch) => this.#call('log.renew', () => inner.renew(epoch)),
      retirePatterns: (seqs) => this.#call('log.retirePatterns', () => inner.retirePatterns(seqs)),
      subscribe: (listener) => this.#call('log.subscribe', () => this.#subscribe(inner, listener)),
    }
  }

  #createBoard(inner: Board): Board {
    return {
      put: (topic, part, bytes, expiresInMs) =>
        this.#call('board.put', () => inner.put(topic, part, bytes, expiresInMs)),
      read: (topics) => this.#call('board.read', () => inner.read(topics)),
      remove: (topic, part) => this.#call('board.remove', () => inner.remove(topic, part)),
      claim: (chore, holder, leaseMs) => this.#call('board.claim', () => inner.claim(chore, holder, leaseMs)),
    }
  }

  #createStructures(inner: StructureStore): StructureStore {
    return {
      readStructures: (ids) => this.#call('readStructures', () => inner.readStructures(ids)),
      writeStructures: (structures) => this.#call('writeStructures', () => inner.writeStructures(structures)),
    }
  }

  async #subscribe(inner: Log, listener: LogListener): Promise<() => Promise<void>> {
    if (this.#plan.subscriptionCut) throw unavailable()
    // Held here too, so that a cut can be told; what the inner tier itself tells comes through this wrapper.
    const wrapped: LogListener = {
      message: (message: LogMessage) => this.#deliver(() => listener.message(message)),
      up: () => this.#heard && listener.up(),
      down: () => this.#heard && listener.down(),
    }
    const unsubscribe = await inner.subscribe(wrapped)
    this.#logListeners.add(listener)
    return async () => {
      this.#logListeners.delete(listener)
      await unsubscribe()
    }
  }

  async #call<T>(operation: string, run: () => Promise<T>): Promise<T> {
    this.#assertReachable()
    const fate = this.#plan.call(operation)
    if (fate.latencyMs > 0) await this.#pause(fate.latencyMs)
    this.#assertReachable()
    if (fate.fail === 'before') throw new CacheError('remote-failed', `injected: ${operation} failed before its effect`)
    const result = await run()
    if (fate.replyLatencyMs > 0) await this.#pause(fate.replyLatencyMs)
    // The effect is there, but the reply was lost with the connection.
    this.#assertReachable()
    if (fate.fail === 'after') throw new CacheError('remote-failed', `injected: ${operation} failed after its effect`)
    return result
  }

  #assertReachable(): void {
    if (this.#inner.state() === 'closed') throw new CacheError('closed', 'the remote tier is closed')
    if (this.#plan.commandsCut) throw unavailable()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, ms))
  }

  #deliver(tell: () => void): void {
    for (const delayMs of this.#plan.arrivals()) {
      if (delayMs === 0) {
        tell()
        continue
      }
      const timer = this.#clock.setTimeout(() => {
        this.#timers.delete(timer)
        if (!this.#plan.subscriptionCut) tell()
      }, delayMs)
      this.#timers.add(timer)
    }
  }

  #tellState(error: unknown): void {
    const state = this.state()
    if (state === this.#told) return
    this.#told = state
    this.#tellAll(this.#stateListeners, (listener) => listener(state, error))
  }

  #tellAll<L>(listeners: ReadonlySet<L>, tell: (listener: L) => void): void {
    for (const listener of [...listeners]) {
      try {
        tell(listener)
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener of the faulty remote tier threw')
      }
    }
  }
}

function unavailable(): CacheError {
  return new CacheError('remote-unavailable', 'injected: the connection is cut')
}
