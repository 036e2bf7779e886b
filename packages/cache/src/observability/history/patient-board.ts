import { CacheTimeoutError } from '../../errors.js'
import type { Board, Clock, Timer } from '../../ports.js'

/**
 * A board that answers within a deadline or rejects: figures must not be stuck, and alerts must be judged, while the
 * backend is silent. It stands outside the breaker that guards reads, so that figures neither trip it nor are stopped
 * by it.
 */
export function patientBoard(board: Board, clock: Clock, deadlineMs: number): Board {
  async function within<T>(operation: string, call: () => Promise<T>): Promise<T> {
    let timer: Timer
    const late = new Promise<never>((_, reject) => {
      timer = clock.setTimeout(() => {
        reject(new CacheTimeoutError('remote-timeout', `board: ${operation} took longer than ${deadlineMs} ms`))
      }, deadlineMs)
    })
    try {
      return await Promise.race([call(), late])
    } finally {
      clock.clearTimeout(timer)
    }
  }
  return {
    put: (topic, part, bytes, expiresInMs) => within('put', () => board.put(topic, part, bytes, expiresInMs)),
    read: (topics) => within('read', () => board.read(topics)),
    remove: (topic, part) => within('remove', () => board.remove(topic, part)),
    claim: (chore, holder, leaseMs) => within('claim', () => board.claim(chore, holder, leaseMs)),
  }
}
