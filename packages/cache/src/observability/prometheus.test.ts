import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { CacheStats } from '../stats.js'
import { createVirtualClock } from '../testing/index.js'
import { createCounterSource } from './counters.js'
import { prometheusHandler, prometheusRegistry } from './prometheus.js'
import { statsOf } from './stats.js'

const counters = createCounterSource(createVirtualClock())
Object.assign(counters.of('room:state'), {
  memoryHits: 7,
  remoteHits: 2,
  misses: 1,
  memoryMisses: 3,
  loads: 1,
  remoteErrors: 4,
  overloads: 5,
})
Object.assign(counters.of(''), { memoryHits: 1, invalidations: 3 })
counters.of('room:state').loadTime.record(1)
counters.of('room:state').loadTime.record(1.5)
counters.of('room:state').loadTime.record(100_000)

const cache = {
  stats: (): CacheStats => ({
    namespace: 'tableforge',
    node: 'n"1\n',
    at: 0,
    uptimeMs: 1_500,
    ...statsOf(counters.definitions),
    policy: {
      name: 'lru',
      active: 'lru',
      byteHitRate: 1,
      sampleRate: 0,
      sampledReads: 0,
      candidates: [],
      changes: 0,
      lastChange: undefined,
    },
    memory: {
      entries: 8,
      bytes: 4_096,
      maxEntries: 100,
      maxBytes: 1_048_576,
      evictions: 1,
      expirations: 2,
      refusals: 3,
    },
    remote: { kind: 'redis', state: 'up', breaker: 'half-open' },
    log: {
      epoch: 'e',
      applied: 41,
      unconfirmedMs: Number.POSITIVE_INFINITY,
      subscribed: false,
      recovering: 5,
      repairs: 6,
      losses: 7,
    },
    flights: 2,
    loads: { running: 3, waiting: 1, overdue: 2 },
    bypassed: [],
  }),
}

const page = async () => (await prometheusHandler(cache)()).text()

describe('the page of metrics', () => {
  it('holds the figures of the cache, by tier and definition', async () => {
    const lines = new Set((await page()).split('\n'))
    for (const line of [
      'cache_hits_total{tier="memory",definition="room:state"} 7',
      'cache_hits_total{tier="remote",definition="room:state"} 2',
      'cache_misses_total{tier="memory",definition="room:state"} 3',
      'cache_misses_total{tier="remote",definition="room:state"} 1',
      'cache_errors_total{tier="remote",definition="room:state"} 4',
      'cache_hits_total{tier="memory",definition="(none)"} 1',
      'cache_invalidations_total{definition="(none)"} 3',
      'cache_memory_entries 8',
      'cache_memory_bytes 4096',
      'cache_evictions_total{tier="memory",cause="capacity"} 1',
      'cache_evictions_total{tier="memory",cause="expired"} 2',
      'cache_evictions_total{tier="memory",cause="too-large"} 3',
      'cache_connections{tier="remote",use="commands"} 1',
      'cache_connections{tier="remote",use="log"} 0',
      'cache_breaker_state{tier="remote",state="half-open"} 1',
      'cache_breaker_state{tier="remote",state="open"} 0',
      'cache_log_position 41',
      'cache_log_unconfirmed_seconds +Inf',
      'cache_flights 2',
      'cache_pending_loads{state="overdue"} 2',
      'cache_overloads_total{definition="room:state"} 5',
      'cache_uptime_seconds 1.5',
      'cache_info{namespace="tableforge",node="n\\"1\\n",remote="redis"} 1',
    ]) {
      expect(lines).toContain(line)
    }
  })

  it('has a histogram whose buckets are cumulative, exact at their bounds and complete', async () => {
    const text = await page()
    const bucket = (le: string) => {
      const line = text
        .split('\n')
        .find((one) =>
          one.startsWith(
            `cache_operation_duration_seconds_bucket{tier="origin",operation="load",definition="room:state",le="${le}"}`,
          ),
        )
      return Number(line?.split(' ').at(-1))
    }
    expect([bucket('0.0005'), bucket('0.001'), bucket('0.002'), bucket('16.384'), bucket('+Inf')]).toEqual([
      0, 1, 2, 2, 3,
    ])
    expect(text).toContain(
      'cache_operation_duration_seconds_sum{tier="origin",operation="load",definition="room:state"} 100.0025',
    )
    expect(text).toContain(
      'cache_operation_duration_seconds_count{tier="origin",operation="load",definition="room:state"} 3',
    )
  })

  it('follows the text format: each family is announced once, before its samples, and no sample appears twice', async () => {
    const seen = new Set<string>()
    let family = ''
    for (const line of (await page()).trimEnd().split('\n')) {
      const announced = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
      if (announced?.[1] === 'HELP') {
        family = announced[2]!
        expect(seen.has(family), family).toBe(false)
        seen.add(family)
      } else if (announced !== null) {
        expect(announced[2]).toBe(family)
        expect(['counter', 'gauge', 'histogram', 'summary']).toContain(announced[3])
        expect(family.endsWith('_total')).toBe(announced[3] === 'counter')
      } else if (line !== '') {
        const sample = /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})? (\+Inf|[\d.e+-]+)$/.exec(line)
        expect(sample, line).not.toBeNull()
        expect(sample![1]!.replace(/_(bucket|sum|count)$/, '')).toBe(family)
        expect(seen.has(`${sample![1]}${sample![2]}`), line).toBe(false)
        seen.add(`${sample![1]}${sample![2]}`)
      }
    }
    expect(seen.size).toBeGreaterThan(50)
  })

  it('passes promtool where that is installed', async () => {
    const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await page() })
    if (error !== undefined) expect((error as NodeJS.ErrnoException).code).toBe('ENOENT')
    else expect(`${status} ${stdout}${stderr}`).toBe('0 ')
  })

  it('is read anew each time', async () => {
    const handler = prometheusHandler(cache)
    const setsLine = async () =>
      (await (await handler()).text()).match(/^cache_sets_total\{definition="room:state"\} .*$/m)?.[0]
    const before = await setsLine()
    counters.of('room:state').sets += 2
    expect([before, await setsLine()]).toEqual([
      'cache_sets_total{definition="room:state"} 0',
      'cache_sets_total{definition="room:state"} 2',
    ])
  })
})

describe('the handler of metrics', () => {
  it('answers GET in the format of Prometheus, HEAD without a body, and nothing else', async () => {
    const handler = prometheusHandler(cache)
    const response = await handler(new Request('http://localhost/metrics'))
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await (await handler(new Request('http://localhost/metrics', { method: 'HEAD' }))).text()).toBe('')
    expect((await handler(new Request('http://localhost/metrics', { method: 'DELETE' }))).status).toBe(405)
  })

  it('puts labels of the user on every metric', async () => {
    const text = await (await prometheusHandler(cache, { labels: { app: 'table' } })()).text()
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(samples.every((line) => line.includes('app="table"'))).toBe(true)
  })

  it('keeps to a registry of its own, which can be merged with others', async () => {
    const { Registry, register } = (await import('prom-client')).default
    const own = await prometheusRegistry(cache)
    expect(register.getMetricsAsArray()).toEqual([])
    expect(await Registry.merge([own, new Registry()]).metrics()).toContain('cache_hits_total')
  })
})
