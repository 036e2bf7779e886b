import type { RemoteTier } from '../../ports.js'
import type { Tracing } from '../../tracing.js'

/** A remote tier with a span around each call that a reader or writer waits for. */
export function tracedRemote(remote: RemoteTier, tracing: Tracing): RemoteTier {
  const span = <T>(operation: string, keys: number, work: () => Promise<T>) =>
    tracing.remote(remote.kind, operation, keys, work)
  return {
    ...remote,
    get: (keys) => span('get', keys.length, () => remote.get(keys)),
    getWithPosition: (keys) => span('getWithPosition', keys.length, () => remote.getWithPosition(keys)),
    acquire: (key, token, leaseMs, expected) => span('acquire', 1, () => remote.acquire(key, token, leaseMs, expected)),
    seize: (key, token, leaseMs) => span('seize', 1, () => remote.seize(key, token, leaseMs)),
    fill: (values) => span('fill', values.length, () => remote.fill(values)),
    commit: (commit) =>
      span('commit', Math.max(commit.values.length, commit.operations.length), () => remote.commit(commit)),
  }
}
