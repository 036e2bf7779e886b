import { CacheError, CacheTimeoutError } from '../errors.js'
import type { Clock, Log, RemoteTier, Timer } from '../ports.js'
import type { Breaker } from './breaker.js'

/**
 * A remote tier that fails instead of keeping anybody waiting: every call has a deadline, and a breaker refuses calls to
 * a backend that fails too often. Subscribing and connecting take as long as they take; `scan` is background work.
 */
export function guardRemote(
  remote: RemoteTier,
  options: { clock: Clock; breaker: Breaker; timeoutMs: number },
): RemoteTier {
  const { clock, breaker, timeoutMs } = options

  async function guarded<T>(operation: string, call: () => Promise<T>): Promise<T> {
    if (!breaker.admits())
      throw new CacheError(
        'remote-unavailable',
        `${remote.kind}: ${operation} was refused: the breaker is ${breaker.state}`,
      )
    let timer: Timer
    const deadline = new Promise<never>((_, reject) => {
      timer = clock.setTimeout(() => {
        reject(new CacheTimeoutError('remote-timeout', `${remote.kind}: ${operation} took longer than ${timeoutMs} ms`))
      }, timeoutMs)
    })
    try {
      const result = await Promise.race([call(), deadline])
      breaker.succeeded()
      return result
    } catch (error) {
      breaker.failed()
      throw error
    } finally {
      clock.clearTimeout(timer)
    }
  }

  const log: Log = {
    position: () => guarded('log.position', () => remote.log.position()),
    snapshot: () => guarded('log.snapshot', () => remote.log.snapshot()),
    read: (after, limit) => guarded('log.read', () => remote.log.read(after, limit)),
    tags: (names) => guarded('log.tags', () => remote.log.tags(names)),
    renew: (epoch) => guarded('log.renew', () => remote.log.renew(epoch)),
    retirePatterns: (seqs) => guarded('log.retirePatterns', () => remote.log.retirePatterns(seqs)),
    subscribe: (listener) => remote.log.subscribe(listener),
  }
  return {
    kind: remote.kind,
    log,
    state: () => remote.state(),
    onState: (listener) => remote.onState(listener),
    connect: () => remote.connect(),
    get: (keys) => guarded('get', () => remote.get(keys)),
    getWithPosition: (keys) => guarded('getWithPosition', () => remote.getWithPosition(keys)),
    remainingMs: (key) => guarded('remainingMs', () => remote.remainingMs(key)),
    acquire: (key, token, leaseMs) => guarded('acquire', () => remote.acquire(key, token, leaseMs)),
    renew: (key, token, leaseMs) => guarded('renew', () => remote.renew(key, token, leaseMs)),
    release: (key, token) => guarded('release', () => remote.release(key, token)),
    seize: (key, token, leaseMs) => guarded('seize', () => remote.seize(key, token, leaseMs)),
    fill: (values) => guarded('fill', () => remote.fill(values)),
    commit: (commit) => guarded('commit', () => remote.commit(commit)),
    evict: (keys) => guarded('evict', () => remote.evict(keys)),
    onLeaseEnd: (listener) => remote.onLeaseEnd(listener),
    scan: (batch) => remote.scan(batch),
    close: () => remote.close(),
  }
}
