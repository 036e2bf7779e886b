import type { Cache } from '../cache.js'
import { createCache } from '../create-cache.js'
import type { CacheOptions } from '../options.js'
import { createVirtualClock, type VirtualClock } from './virtual-clock.js'

/** Caches on one virtual clock, for tests of several nodes; `close` ends them all. */
export interface TestCaches {
  readonly clock: VirtualClock
  /** A cache that is ready. Give several the same `remote` and they are nodes of one namespace. */
  open(options?: CacheOptions): Promise<Cache>
  /** Moves time until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>
  /** A promise that resolves with `value` after so much virtual time. */
  after<T>(ms: number, value: T): Promise<T>
  close(): Promise<void>
}

export function testCaches(clock: VirtualClock = createVirtualClock()): TestCaches {
  const caches: Cache[] = []
  const settle = <T>(promise: Promise<T>) => clock.runUntil(promise)
  return {
    clock,
    settle,
    after: (ms, value) => new Promise((resolve) => clock.setTimeout(() => resolve(value), ms)),
    async open(options = {}) {
      const cache = createCache({ clock, ...options })
      caches.push(cache)
      await settle(cache.ready())
      return cache
    },
    close: () => settle(Promise.all(caches.splice(0).map((cache) => cache.close())).then(() => undefined)),
  }
}
