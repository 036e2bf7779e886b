import type { Clock, Timer } from './ports.js'

/** Resolves as `promise` does, or with `'late'` after that many milliseconds. Rejects as `promise` does. */
export async function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: Timer
  const late = new Promise<'late'>((resolve) => {
    timer = after(clock, ms, () => resolve('late'))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clock.clearTimeout(timer)
  }
}

/** A timer; none for a duration without end, at which a clock of the application's own might fire at once. */
export function after(clock: Clock, ms: number, callback: () => void): Timer {
  return ms === Number.POSITIVE_INFINITY ? undefined : clock.setTimeout(callback, ms)
}
