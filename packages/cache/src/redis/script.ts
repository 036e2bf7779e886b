import { createHash } from 'node:crypto'
import type { Argument, RedisConnection, Reply } from './connection.js'

/**
 * A Lua script: sent by its digest, and once in full when the server does not know it (a restart, a failover, a new
 * master of the Cluster), which is the server's own way to load it.
 */
export class Script {
  /** What errors call it. */
  readonly name: string
  readonly source: string
  readonly sha: string

  constructor(name: string, source: string) {
    this.name = name
    this.source = source.trim()
    this.sha = createHash('sha1').update(this.source).digest('hex')
  }

  async run(connection: RedisConnection, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    try {
      return await connection.command('evalsha', [this.sha, keys.length, ...keys, ...args])
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return connection.command('eval', [this.source, keys.length, ...keys, ...args])
    }
  }

  /** As {@link run}; then waits on the same connection until as many replicas have it, or the time is over. */
  async runReplicated(
    connection: RedisConnection,
    keys: readonly string[],
    args: readonly Argument[],
    wait: { readonly replicas: number; readonly timeoutMs: number },
  ): Promise<{ readonly reply: Reply; readonly replicas: number }> {
    const waiting = ['wait', [wait.replicas, wait.timeoutMs]] as const
    const send = async (name: 'evalsha' | 'eval', script: string) => {
      const [reply, replicas] = await connection.together([[name, [script, keys.length, ...keys, ...args]], waiting])
      return { reply: reply as Reply, replicas: Number(replicas) }
    }
    try {
      return await send('evalsha', this.sha)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return send('eval', this.source)
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
