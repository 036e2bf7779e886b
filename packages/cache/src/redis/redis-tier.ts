import type { Commit, CommitResult, LeaseAnswer, RemoteState, RemoteTier, RemoteValue } from '../ports.js'
import { AwaitedLeases } from './awaited-leases.js'
import { expiryArgument, type KeyStep, keySteps, logArguments, stepArguments, stepKeys } from './commit-arguments.js'
import type { Argument, Reply } from './connection.js'
import { NotReplicated } from './failure.js'
import { type KeyLayout, keyLayout } from './key-layout.js'
import { RedisBoard } from './redis-board.js'
import { RedisLog } from './redis-log.js'
import type { ResolvedRedisOptions } from './redis-options.js'
import { RedisSession, type SessionContext, WAIT_TIMEOUT_MS } from './redis-session.js'
import { RedisStructures } from './redis-structures.js'
import type { Script } from './script.js'
import { commit as commitScript, settleKey } from './scripts/commit.js'
import * as leases from './scripts/lease.js'

/** The second tier in Redis. Each method is one command or one script; see `key-layout.ts` for what lies where. */
export class RedisTier implements RemoteTier {
  readonly kind = 'redis'
  readonly log: RedisLog
  readonly holdsUpMs: number
  readonly board: RedisBoard
  readonly structures: RedisStructures
  readonly #options: ResolvedRedisOptions
  readonly #layout: KeyLayout
  readonly #session: RedisSession
  readonly #awaited = new AwaitedLeases()
  readonly #leaseListeners = new Set<(key: string) => void>()

  constructor(options: ResolvedRedisOptions, context: Omit<SessionContext, 'layout'>) {
    this.#options = options
    this.holdsUpMs = options.waitReplicas > 0 ? WAIT_TIMEOUT_MS : 0
    this.#layout = keyLayout(context.namespace, options.db)
    const layout = this.#layout
    this.#session = new RedisSession(
      options,
      { ...context, layout },
      {
        message: (channel, payload) => {
          if (channel === layout.logChannel) this.log.heard(payload)
          else if (channel === layout.fillChannel) this.#leaseEnded(payload)
        },
        up: () => {
          // Waiting reads may have missed the end of their lease, and ask again.
          for (const key of this.#awaited.drain()) this.#wake(key)
          this.log.up()
        },
        down: () => this.log.down(),
      },
    )
    this.log = new RedisLog(this.#session, layout, context.logger)
    this.board = new RedisBoard(this.#session, layout)
    this.structures = new RedisStructures(this.#session, layout)
  }

  state(): RemoteState {
    return this.#session.state
  }

  onState(listener: (state: RemoteState, error?: unknown) => void): () => void {
    return this.#session.onState(listener)
  }

  connect(): Promise<void> {
    return this.#session.connect()
  }

  get(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (keys.length === 0) return Promise.resolve([])
    const names = keys.map(this.#layout.value)
    if (names.length === 1)
      return this.#session.attempt('get', () => this.#session.usable().value(names[0]!), onlyValueOf)
    return this.#session.attempt('mget', () => this.#session.usable().values(names), valuesOf)
  }

  async getWithPosition(keys: readonly string[]) {
    // The head is asked first, on the same connection: nothing that it does not know of can have been acknowledged
    // before.
    const [position, values] = await Promise.all([this.log.position(), this.get(keys)])
    return { values, position }
  }

  async remainingMs(key: string): Promise<number | undefined> {
    const remaining = Number(await this.#session.command('pttl', [this.#layout.value(key)]))
    if (remaining === -2) return undefined
    return remaining === -1 ? Number.POSITIVE_INFINITY : remaining
  }

  acquire(key: string, token: string, leaseMs: number, expected?: Uint8Array | 'absent'): Promise<LeaseAnswer> {
    const args: Argument[] = [token, wholeMs(leaseMs)]
    if (expected !== undefined) args.push(expected === 'absent' ? '' : expected.subarray(0, leases.EXPECTED_BYTES))
    return this.#awaited.whileAsking(key, async (endedMeanwhile) => {
      const remainingMs = Number(await this.#keyScript(leases.acquire, key, args))
      if (remainingMs === -1) return { granted: true }
      if (remainingMs === -2) return { granted: false, remainingMs: 0, changed: true }
      if (endedMeanwhile()) return { granted: false, remainingMs: 0 }
      this.#awaited.wait(key)
      return { granted: false, remainingMs }
    })
  }

  async renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    return (await this.#keyScript(leases.renew, key, [token, wholeMs(leaseMs)])) === 1
  }

  async release(key: string, token: string): Promise<void> {
    await this.#keyScript(leases.release, key, [token, this.#layout.fillChannel])
  }

  async seize(key: string, token: string, leaseMs: number): Promise<void> {
    await this.#session.command('set', [this.#layout.lease(key), token, 'PX', wholeMs(leaseMs)])
  }

  fill(values: readonly (RemoteValue & { readonly token: string })[]): Promise<readonly boolean[]> {
    return Promise.all(
      values.map(async ({ key, bytes, expiresInMs, token }) => {
        const args = [token, this.#layout.fillChannel, bytes, expiryArgument(expiresInMs)]
        return (await this.#keyScript(leases.fill, key, args)) === 1
      }),
    )
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const steps = keySteps(commit)
    const inTwoSteps = this.#session.usable().cluster
    if (inTwoSteps) await this.#settleKeys(steps)
    try {
      return await this.#append(commit, inTwoSteps ? [] : steps)
    } catch (error) {
      // Something was done: the keys' step, or all of it on a master that may be about to be replaced.
      if (inTwoSteps || error instanceof NotReplicated) return { logged: false, error }
      throw error
    }
  }

  onLeaseEnd(listener: (key: string) => void): () => void {
    this.#leaseListeners.add(listener)
    return () => this.#leaseListeners.delete(listener)
  }

  async *scan(batch: number): AsyncIterable<readonly string[]> {
    const masters = await this.#session.attempt('scan', async () => this.#session.usable().masters())
    for (const master of masters) {
      let cursor = '0'
      do {
        this.#session.usable()
        const answer = await this.#session.attempt('scan', () =>
          master('scan', [cursor, 'MATCH', this.#layout.valuePattern, 'COUNT', batch]),
        )
        const [next, names] = answer as readonly [Reply, readonly Reply[]]
        cursor = String(next)
        const keys = names.map((name) => this.#layout.keyOfValue(String(name))).filter((key) => key !== undefined)
        if (keys.length > 0) yield keys
      } while (cursor !== '0')
    }
  }

  async close(): Promise<void> {
    this.#leaseListeners.clear()
    await this.#session.close()
    this.log.close()
  }

  async #settleKeys(steps: readonly KeyStep[]): Promise<void> {
    const byKey = groupByKey(steps)
    await Promise.all(
      [...byKey.values()].map((group) =>
        this.#session.replicatedScript(settleKey, stepKeys(this.#layout, group), stepArguments(this.#layout, group)),
      ),
    )
  }

  async #append(commit: Commit, steps: readonly KeyStep[]): Promise<CommitResult> {
    const layout = this.#layout
    const { id, args } = logArguments(layout, commit, this.#options)
    const keys = [layout.head, layout.stream, layout.tags, ...stepKeys(layout, steps)]
    const reply = await this.#session.replicatedScript(commitScript, keys, [...stepArguments(layout, steps), ...args])
    const [epoch, seq, prevId] = reply as readonly Reply[]
    const position = { epoch: String(epoch), seq: Number(seq), id }
    return { logged: true, prevSeq: position.seq - 1, prevId: String(prevId), position }
  }

  #keyScript(script: Script, key: string, args: readonly Argument[]): Promise<Reply> {
    return this.#session.script(script, stepKeys(this.#layout, [{ key, args: [] }]), args)
  }

  #leaseEnded(waitingName: string): void {
    const key = this.#layout.keyOfWaiting(waitingName)
    if (key !== undefined && this.#awaited.ended(key)) this.#wake(key)
  }

  #wake(key: string): void {
    for (const listener of this.#leaseListeners) listener(key)
  }
}

function bytesOf(reply: Reply): Uint8Array | undefined {
  return reply === null ? undefined : (reply as Buffer)
}

function onlyValueOf(reply: Reply): readonly (Uint8Array | undefined)[] {
  return [bytesOf(reply)]
}

function valuesOf(replies: readonly Reply[]): readonly (Uint8Array | undefined)[] {
  return replies.map(bytesOf)
}

/** Steps of one key stay in order; those of different keys live in different slots. */
function groupByKey(steps: readonly KeyStep[]): Map<string, KeyStep[]> {
  const groups = new Map<string, KeyStep[]>()
  for (const step of steps) {
    const group = groups.get(step.key)
    if (group === undefined) groups.set(step.key, [step])
    else group.push(step)
  }
  return groups
}

/** Redis counts whole milliseconds, and no lease lasts none. */
function wholeMs(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs))
}
