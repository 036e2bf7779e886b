import type { Board } from '../ports.js'
import type { Reply } from './connection.js'
import type { KeyLayout } from './key-layout.js'
import type { RedisSession } from './redis-session.js'
import { claimChore, dropPart, putPart } from './scripts/board.js'

/**
 * The notice board in Redis: each part is a string with an expiry of its own, and each topic a hash that names its
 * parts. The hash may name parts that are gone; a reader takes those names away.
 */
export class RedisBoard implements Board {
  readonly #session: RedisSession
  readonly #layout: KeyLayout

  constructor(session: RedisSession, layout: KeyLayout) {
    this.#session = session
    this.#layout = layout
  }

  async put(topic: string, part: string, bytes: Uint8Array, expiresInMs: number): Promise<void> {
    const keys = [this.#layout.topic(topic), this.#layout.part(topic, part)]
    await this.#session.script(putPart, keys, [part, bytes, Math.max(1, Math.ceil(expiresInMs))])
  }

  read(topics: readonly string[]): Promise<readonly ReadonlyMap<string, Uint8Array>[]> {
    return Promise.all(topics.map((topic) => this.#readTopic(topic)))
  }

  async remove(topic: string, part: string): Promise<void> {
    await this.#session.command('unlink', [this.#layout.part(topic, part)])
    await this.#drop(topic, part)
  }

  async claim(chore: string, holder: string, leaseMs: number): Promise<boolean> {
    const args = [holder, Math.max(1, Math.ceil(leaseMs))]
    return (await this.#session.script(claimChore, [this.#layout.chore(chore)], args)) === 1
  }

  async #readTopic(topic: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const names = namesIn(await this.#session.command('hgetall', [this.#layout.topic(topic)]))
    if (names.length === 0) return new Map()
    const keys = names.map((name) => this.#layout.part(topic, name))
    const values = (await this.#session.command('mget', keys)) as readonly (Buffer | null)[]
    const found = new Map<string, Uint8Array>()
    const gone: string[] = []
    for (const [at, name] of names.entries()) {
      const bytes = values[at] ?? null
      if (bytes === null) gone.push(name)
      else found.set(name, bytes)
    }
    await Promise.all(gone.map((name) => this.#drop(topic, name)))
    return found
  }

  async #drop(topic: string, part: string): Promise<void> {
    await this.#session.script(dropPart, [this.#layout.topic(topic), this.#layout.part(topic, part)], [part])
  }
}

/** Clients show a hash as a flat list, or (RESP3) as a map or an object. */
function namesIn(reply: Reply | ReadonlyMap<unknown, unknown> | object): string[] {
  if (Array.isArray(reply)) return reply.flatMap((name, at) => (at % 2 === 0 ? [String(name)] : []))
  if (reply instanceof Map) return [...reply.keys()].map(String)
  return Object.keys(reply ?? {})
}
