import { CacheError } from '../errors.js'
import type {
  Log,
  Logger,
  LogListener,
  LogMessage,
  LogPosition,
  LogSnapshot,
  Operation,
  PatternOperation,
  PatternRecord,
  TagRecord,
} from '../ports.js'
import type { Argument, Reply } from './connection.js'
import type { KeyLayout } from './key-layout.js'
import { randomName } from './random-name.js'
import type { RedisSession } from './redis-session.js'
import type { Script } from './script.js'
import * as scripts from './scripts/log.js'

interface Deferred {
  resolve(): void
  reject(error: unknown): void
}

/** The invalidation log in Redis; see `scripts/fragments.ts` for what happens when a part of it is lost. */
export class RedisLog implements Log {
  readonly #session: RedisSession
  readonly #layout: KeyLayout
  readonly #logger: Logger
  readonly #keys: readonly string[]
  /** With what settles their `subscribe()`, until they are live for the first time. */
  readonly #listeners = new Map<LogListener, Deferred | undefined>()

  constructor(session: RedisSession, layout: KeyLayout, logger: Logger) {
    this.#session = session
    this.#layout = layout
    this.#logger = logger
    this.#keys = [layout.head, layout.stream, layout.tags]
  }

  async position(): Promise<LogPosition> {
    const [epoch, seq, id] = (await this.#session.command('hmget', [
      this.#layout.head,
      'epoch',
      'seq',
      'id',
    ])) as Reply[]
    if (epoch == null || seq == null || id == null) return this.#begin()
    return { epoch: String(epoch), seq: Number(seq), id: String(id) }
  }

  async snapshot(): Promise<LogSnapshot> {
    const flat = ((await this.#run(scripts.snapshot, [])) as Reply[]).map(String)
    const fields = new Map(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : [])))
    const patterns: PatternRecord[] = []
    for (const [name, json] of fields) {
      if (!name.startsWith('p:')) continue
      const seq = Number(name.slice(2))
      for (const pattern of JSON.parse(json) as PatternOperation[]) patterns.push({ ...pattern, seq })
    }
    patterns.sort((a, b) => a.seq - b.seq)
    return {
      position: { epoch: fields.get('epoch') ?? '', seq: Number(fields.get('seq')), id: fields.get('id') ?? '' },
      floor: Number(fields.get('floor')),
      clearedAt: Number(fields.get('clearedAt')),
      patterns,
    }
  }

  async read(after: number, limit: number): Promise<readonly LogMessage[] | 'trimmed'> {
    const answer = ((await this.#run(scripts.read, [after + 1, limit])) as Reply[]).map(String)
    const [epoch, head, ...payloads] = answer
    const messages = payloads.map(parseMessage)
    // Numbers follow each other to the limit or to the head, or else something is missing.
    const complete = messages.every((message, at) => message?.seq === after + 1 + at && message.epoch === epoch)
    const reached = after + messages.length
    if (!complete || (messages.length < limit && reached !== Number(head)) || reached > Number(head)) return 'trimmed'
    return messages as LogMessage[]
  }

  async tags(names: readonly string[]): Promise<{ position: LogPosition; floor: number; tags: readonly TagRecord[] }> {
    const marks = names.flatMap((name) => [`d:${name}`, `e:${name}`])
    const [epoch, seq, id, floor, ...seqs] = (await this.#run(scripts.tags, marks)) as Reply[]
    return {
      position: { epoch: String(epoch), seq: Number(seq), id: String(id) },
      floor: Number(floor),
      tags: names.map((_, at) => ({ deletedAt: Number(seqs[at * 2]), expiredAt: Number(seqs[at * 2 + 1]) })),
    }
  }

  async renew(epoch: string): Promise<LogPosition> {
    return positionOf(await this.#run(scripts.renewEpoch, [epoch]))
  }

  async retirePatterns(seqs: readonly number[]): Promise<void> {
    if (seqs.length === 0) return
    await this.#session.command('hdel', [this.#layout.head, ...seqs.map((seq) => `p:${seq}`)])
  }

  async subscribe(listener: LogListener): Promise<() => Promise<void>> {
    this.#session.usable()
    if (this.#session.listening) {
      this.#listeners.set(listener, undefined)
      listener.up()
    } else {
      await new Promise<void>((resolve, reject) => this.#listeners.set(listener, { resolve, reject }))
    }
    return async () => {
      this.#listeners.delete(listener)
    }
  }

  /** For the tier: a message was published. */
  heard(payload: string): void {
    const message = parseMessage(payload)
    if (message === undefined) {
      this.#logger.warn(
        { bytes: payload.length },
        'something on the channel of the invalidation log is not a message of it',
      )
      return
    }
    for (const listener of this.#listeners.keys()) listener.message(message)
  }

  /** For the tier: messages are heard from now on. */
  up(): void {
    for (const [listener, waiting] of this.#listeners) {
      this.#listeners.set(listener, undefined)
      listener.up()
      waiting?.resolve()
    }
  }

  /** For the tier: messages are missed from now on. */
  down(): void {
    for (const listener of this.#listeners.keys()) listener.down()
  }

  close(): void {
    const listeners = [...this.#listeners.values()]
    this.#listeners.clear()
    for (const waiting of listeners) waiting?.reject(new CacheError('closed', 'the remote tier is closed'))
  }

  async #begin(): Promise<LogPosition> {
    return positionOf(await this.#run(scripts.position, []))
  }

  #run(script: Script, args: readonly Argument[]): Promise<Reply> {
    return this.#session.script(script, this.#keys, [randomName(), ...args])
  }
}

function positionOf(reply: Reply): LogPosition {
  const [epoch, seq, id] = reply as readonly Reply[]
  return { epoch: String(epoch), seq: Number(seq), id: String(id) }
}

/** What `scripts/commit.ts` published, `undefined` for anything else. */
function parseMessage(payload: string): LogMessage | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload)
  } catch {
    // Somebody else's message on our channel: the caller counts it as missing.
    return undefined
  }
  if (!Array.isArray(parsed) || parsed.length !== 7) return undefined
  const [epoch, prevSeq, prevId, seq, id, origin, operations] = parsed as unknown[]
  const wellFormed =
    [epoch, prevId, id, origin].every((text) => typeof text === 'string') &&
    Number.isInteger(prevSeq) &&
    Number.isInteger(seq) &&
    Array.isArray(operations)
  if (!wellFormed) return undefined
  return { epoch, prevSeq, prevId, seq, id, origin, operations } as LogMessage
}

/** The part of a message that its sender knows; the script puts epoch and numbers before it. */
export function messageTail(id: string, origin: string, operations: readonly Operation[]): string {
  return `${JSON.stringify(id)},${JSON.stringify(origin)},${JSON.stringify(operations)}]`
}
