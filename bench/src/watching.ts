import { setImmediate } from 'node:timers/promises'
import { type Cache, type CacheEventType, type CacheOptions, createCache } from '@tableforge/cache'
import { audited, createConsistencyAuditor } from '@tableforge/cache/analytics'
import { prometheusRegistry } from '@tableforge/cache/observability'
import { openTelemetryTracing } from '@tableforge/cache/opentelemetry'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import { shuffled } from './orders.js'
import { fill, load, TTL_MS } from './warm-caches.js'

const ENTRIES = 10_000
const CALLS = 20_000
/**
 * The event loop turns this often, as it does in a server: timers of the watchers fire, questions to the origin are
 * asked.
 */
const CALLS_PER_TURN = 500

const EVENTS = [
  'hit',
  'miss',
  'load',
  'load-error',
  'fill-refused',
  'set',
  'invalidate',
  'applied',
  'remove',
  'remote-error',
  'remote-state',
  'breaker',
] as const satisfies readonly CacheEventType[]

type Values = ReturnType<typeof defineValues>
type StopWatching = () => Promise<unknown> | unknown

interface Setting {
  readonly name: string
  readonly configuration: string
  readonly options?: CacheOptions
  watch?(cache: Cache, values: Values): StopWatching
}

const listening: Setting = {
  name: 'every event heard',
  configuration: `a listener that counts for each of ${EVENTS.length} events, hits among them`,
  watch(cache) {
    let heard = 0
    const stops = EVENTS.map((type) =>
      cache.on(type, () => {
        heard++
      }),
    )
    return () => {
      for (const stop of stops) stop()
      if (heard === 0) throw new Error('nothing was heard')
    }
  },
}

const auditing: Setting = {
  name: 'auditor',
  configuration: 'createConsistencyAuditor with a sample of 0.01, at its own rate of questions',
  watch(cache, values) {
    const origin = async (key: string) => load(key)
    const auditor = createConsistencyAuditor(cache, {
      definitions: [audited(values, { origin, version: (value: { score: number }) => value.score })],
      sample: 0.01,
    })
    return () => auditor.stop()
  },
}

const metering: Setting = {
  name: 'metrics',
  configuration: 'a Prometheus registry, scraped every second',
  watch(cache) {
    const registry = prometheusRegistry(cache)
    const scrape = async () => (await registry).metrics()
    const timer = setInterval(() => void scrape(), 1_000)
    return () => clearInterval(timer)
  },
}

const judging: Setting = {
  name: 'history, alerts, objectives, busiest keys',
  configuration: "createCache({ history: true, alerts: true, slo: { '*': { hitRate: 0.9 } }, heavyHitters: true })",
  options: { history: true, alerts: true, slo: { '*': { hitRate: 0.9 } }, heavyHitters: true },
}

const tracing: Setting = {
  name: 'tracing',
  configuration: 'createCache({ tracing: openTelemetryTracing() }), which has no spans for hits in memory',
  options: { tracing: openTelemetryTracing() },
}

const settings = [listening, auditing, metering, judging, tracing]

const everything: Setting = {
  name: 'everything on',
  configuration: 'all of the below at once',
  options: Object.assign({}, ...settings.map(({ options }) => options)),
  watch(cache, values) {
    const stops = settings.map(({ watch }) => watch?.(cache, values))
    return async () => {
      for (const stop of stops) await stop?.()
    }
  },
}

const warmHit: Case = {
  name: 'warm hit',
  about: 'processor time of one awaited hit of definition.get on a full cache: watched / not watched',
  unit: 'ns of processor time per awaited hit',
  better: 'lower',
  async open() {
    return Promise.all([
      open('ours', everything),
      ...settings.map((setting) => open('ours', setting)),
      open('floor', { name: 'nothing on', configuration: 'createCache({ memory: { maxEntries } })' }),
      open('rival', {
        name: 'nothing on, once more',
        configuration: 'as nothing on: how far the measurement is to be trusted',
      }),
    ])
  },
}

async function open(role: Participant['role'], { name, configuration, options, watch }: Setting): Promise<Participant> {
  const cache = createCache({ memory: { maxEntries: ENTRIES }, defaults: { ttl: TTL_MS }, ...options })
  await cache.ready()
  const values = defineValues(cache)
  const keys = Array.from({ length: ENTRIES }, (_, at) => `key:${at}`)
  await fill(keys, (key) => values.get(key))
  const stop = watch?.(cache, values)
  const order = shuffled(CALLS, keys)
  const body =
    'return async () => { let left = 0; for (const key of order) { if (left-- === 0) { left = perTurn; await turn() } await values.get(key) } }'
  const loop = new Function('values', 'order', 'perTurn', 'turn', body)(values, order, CALLS_PER_TURN, setImmediate)
  return {
    name,
    role,
    packages: ['@tableforge/cache'],
    configuration,
    async measure() {
      const before = process.cpuUsage()
      await loop()
      const { user, system } = process.cpuUsage(before)
      return ((user + system) * 1_000) / CALLS
    },
    async close() {
      await stop?.()
      await cache.close()
    },
  }
}

function defineValues(cache: Cache) {
  return cache.define('value', { key: (key: string) => key, load: (key) => load(key) })
}

/** What it costs to watch a cache, in terms of a hit. */
export const watching = comparison({
  name: 'watching',
  about: 'a warm hit with listeners, metrics, tracing, auditor, history and alerts on, against one with nothing on',
  rounds: 41,
  warmUpRounds: 10,
  cases: [warmHit],
})
