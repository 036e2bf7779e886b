import { systemClock } from '@tableforge/cache'
import { createMemoryTier, type MemoryEntry, type MemoryPolicy } from '@tableforge/cache/testing'
import { LRUCache } from 'lru-cache'
import { TTL_MS } from './warm-caches.js'

/** A store in memory without anything around it. */
export interface MemoryEngine {
  readonly name: string
  readonly role: 'ours' | 'rival'
  readonly packages: readonly string[]
  readonly configuration: string
  get(key: string): unknown
  set(key: string): void
}

/** The wall clock is read once for so many calls, as lru-cache does in effect (once in a millisecond). */
const CALLS_PER_CLOCK = 64

function entryUntil(staleUntil: number): MemoryEntry {
  return {
    value: { name: 'Ada' },
    createdAt: 0,
    tags: [],
    epoch: '',
    asOf: 0,
    freshUntil: staleUntil,
    staleUntil,
    grace: 0,
    refreshAt: Number.POSITIVE_INFINITY,
    judgedAt: 0,
    confirmedAt: 0,
    generation: 0,
    retryAt: 0,
    shortcut: undefined,
  }
}

/** The memory tier under one policy. All keys share one value: what is measured is the engine. */
export function ourEngine(policy: MemoryPolicy, maxEntries: number): MemoryEngine {
  const tier = createMemoryTier({ maxEntries, maxBytes: 2 ** 40, sizeOf: () => 100, policy, clock: systemClock })
  let now = Date.now()
  let calls = 0
  const entry = entryUntil(now + TTL_MS)
  const tick = () => {
    if (++calls % CALLS_PER_CLOCK === 0) now = Date.now()
    return now
  }
  return {
    name: policy,
    role: 'ours',
    packages: ['@tableforge/cache'],
    configuration: `memory tier, policy '${policy}', maxEntries and maxBytes, sizeOf: () => 100, every entry with a deadline (lru-cache is given neither sizes nor a bound of bytes)`,
    get: (key) => tier.get(key, tick()),
    set: (key) => {
      tier.set(key, entry, tick())
    },
  }
}

export function lruCacheEngine(max: number): MemoryEngine {
  const cache = new LRUCache<string, object>({ max, ttl: TTL_MS })
  const value = { name: 'Ada' }
  return {
    name: 'lru-cache',
    role: 'rival',
    packages: ['lru-cache'],
    configuration: 'new LRUCache({ max, ttl })',
    get: (key) => cache.get(key),
    set: (key) => {
      cache.set(key, value)
    },
  }
}

/** Flat strings, as keys that came over the network are. */
export function flatKeys(count: number): string[] {
  return Array.from({ length: count }, (_, at) => Buffer.from(`key:${at}`).toString('latin1'))
}
