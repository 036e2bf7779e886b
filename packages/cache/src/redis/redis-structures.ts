import type { StoredStructure, StructureStore } from '../ports.js'
import { expiryArgument } from './commit-arguments.js'
import type { Reply } from './connection.js'
import type { KeyLayout } from './key-layout.js'
import type { RedisSession } from './redis-session.js'
import { keepStructures } from './scripts/structures.js'

/**
 * The structures of a namespace in Redis: a key for each, all in the slot of the log, so that one command reads them.
 */
export class RedisStructures implements StructureStore {
  readonly #session: RedisSession
  readonly #layout: KeyLayout

  constructor(session: RedisSession, layout: KeyLayout) {
    this.#session = session
    this.#layout = layout
  }

  async readStructures(ids: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (ids.length === 0) return []
    const replies = (await this.#session.command('mget', ids.map(this.#layout.structure))) as readonly Reply[]
    return replies.map((reply) => (reply === null ? undefined : (reply as Buffer)))
  }

  async writeStructures(structures: readonly StoredStructure[]): Promise<void> {
    if (structures.length === 0) return
    await this.#session.script(
      keepStructures,
      structures.map(({ id }) => this.#layout.structure(id)),
      structures.flatMap(({ bytes, expiresInMs }) => [bytes, expiryArgument(expiresInMs)]),
    )
  }
}
