import { systemClock } from '../clock.js'
import { remoteFailure } from './failure.js'
import { keyLayout } from './key-layout.js'
import { openConnection } from './open-connection.js'
import { type RedisOptions, resolveRedisOptions } from './redis-options.js'

/**
 * Whether a namespace is on this Redis: whether its invalidation log has begun, which the first cache that connects
 * does. Only reads, so that asking for a name that nobody uses leaves nothing behind. Rejects when Redis does not
 * answer.
 */
export async function hasNamespace(options: RedisOptions, namespace: string): Promise<boolean> {
  const resolved = resolveRedisOptions(options)
  const connection = await openConnection(resolved, `${namespace}:look`, systemClock.random)
  try {
    await connection.connect()
    const found = await connection.command('hmget', [keyLayout(namespace, resolved.db).head, 'epoch'])
    return Array.isArray(found) && found[0] !== null
  } catch (error) {
    throw remoteFailure('looking for the namespace', error, resolved.secrets)
  } finally {
    await connection.close()
  }
}
