import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Cache, createCache } from '@tableforge/cache'
import { prometheusHandler } from '@tableforge/cache/observability'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { folder } from '../../../../scripts/monitoring/files.mjs'
import { type MonitoringService, startAlertmanager, startPrometheus } from '../../../../scripts/services/prometheus.mjs'
import { startReceiver } from './receiver.js'

const shipped = (name: string) => readFileSync(join(folder, name), 'utf8')
const TICK_MS = 100

let receiver: Awaited<ReturnType<typeof startReceiver>>
let alertmanager: MonitoringService
let prometheus: MonitoringService
let cache: Cache
let stopApp: () => Promise<void>

/** An application that serves its metrics, and whose reads hit about half the time. */
async function startApp(): Promise<string> {
  cache = createCache({ memory: { maxEntries: 100 } })
  const rooms = cache.define('room', { key: (id: string) => id, load: async (id: string) => ({ id }) })
  const users = cache.define('user', {
    key: (id: string) => id,
    freshness: 'remote',
    load: async (id: string) => {
      if (id.endsWith('7')) throw new Error('no such user')
      return { id }
    },
  })
  let turn = 0
  const work = async () => {
    for (let i = 0; i < 150; i++) await rooms.get(`warm-${i % 10}`)
    for (let i = 0; i < 150; i++) await rooms.get(`cold-${turn++}`)
    await users.get(`${turn % 50}`).catch(() => undefined)
    await users.get('1')
    await rooms.invalidate('warm-0')
  }
  let underWay = Promise.resolve()
  const timer = setInterval(() => {
    underWay = underWay.then(work)
  }, TICK_MS)
  const metrics = prometheusHandler(cache)
  const server = createServer((_request, response) => {
    void metrics().then(async (answer) => {
      response.setHeader('content-type', answer.headers.get('content-type') ?? '')
      response.end(await answer.text())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stopApp = async () => {
    clearInterval(timer)
    await underWay
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await cache.close()
  }
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  receiver = await startReceiver()
  const target = await startApp()
  // What is shipped, with the receiver's address, and without the waiting that makes sense for people.
  const config = shipped('alertmanager.yml').replaceAll('http://localhost:9095', receiver.url)
  alertmanager = await startAlertmanager({
    'alertmanager.yml': config
      .replace(/group_wait: \S+/, 'group_wait: 0s')
      .replace(/group_interval: \S+/, 'group_interval: 1s'),
  })
  const rules = shipped('prometheus-rules.yml').replaceAll(/interval: "30s"/g, 'interval: 1s')
  prometheus = await startPrometheus({
    'prometheus-rules.yml': rules.replaceAll(/for: "1m"/g, 'for: 2s'),
    'prometheus.yml': `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [prometheus-rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ['${new URL(alertmanager.url).host}'] }] }] }
scrape_configs: [{ job_name: app, static_configs: [{ targets: ['${target}'] }] }]
`,
  })
})

afterAll(async () => {
  await prometheus?.stop()
  await alertmanager?.stop()
  await stopApp?.()
  await receiver?.stop()
})

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

async function ask(expr: string): Promise<Answer> {
  const response = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query: expr })}`)
  return (await response.json()) as Answer
}

/** Waits for figures: a number at least, in at least one series. */
async function figures(expr: string): Promise<number[]> {
  for (;;) {
    const { status, error, data } = await ask(expr)
    expect(`${status} ${error ?? ''}`, expr).toBe('success ')
    const values = (data?.result ?? []).map(({ value }) => Number(value[1])).filter((value) => !Number.isNaN(value))
    if (values.length > 0) return values
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

it('scrapes the application, and says what the cache says', async () => {
  expect(await figures('up{job="app"}')).toEqual([1])
  expect(await figures('cache_info{job="app"}')).toEqual([1])
  // Prometheus is asked first: it cannot know of more hits than the cache does afterwards.
  const [hits = 0] = await figures('sum(cache_hits_total{definition="room",tier="memory"})')
  expect(hits).toBeGreaterThan(0)
  expect(hits).toBeLessThanOrEqual(cache.stats().definitions.room?.memoryHits ?? 0)
})

it('delivers the alert of a low hit rate, raised by the shipped rules, through Alertmanager to a webhook', async () => {
  const { body, path } = await receiver.one(({ body: text }) => text.includes('CacheHitRateLow'))
  const { alerts } = JSON.parse(body) as { alerts: { status: string; labels: Record<string, string> }[] }
  expect(alerts.find(({ labels }) => labels.alertname === 'CacheHitRateLow')).toMatchObject({
    status: 'firing',
    labels: { job: 'app', severity: expect.stringMatching(/warning|critical/) },
    annotations: { summary: expect.stringMatching(/^Only .*% of the reads of app are answered by a tier\.$/) },
  })
  expect(path).toMatch(/^\/(operators|on-call)$/)
}, 120_000)

interface Panel {
  readonly title?: string
  readonly panels?: readonly Panel[]
  readonly targets?: readonly { readonly expr: string }[]
}

const panelsOf = (panel: Panel): Panel[] => [panel, ...(panel.panels ?? []).flatMap(panelsOf)]
const queries = (JSON.parse(shipped('grafana-dashboard.json')) as { panels: Panel[] }).panels
  .flatMap(panelsOf)
  .flatMap(({ title = '', targets = [] }) => targets.map(({ expr }) => [title, expr] as const))

it('answers every query of the dashboard with figures', async () => {
  expect(queries.length).toBeGreaterThan(30)
  const answers = await Promise.all(
    queries.map(async ([title, expr]) => {
      const asked = expr.replaceAll('$__rate_interval', '10s').replaceAll(/\$(job|definition)/g, '.*')
      return [title, await figures(asked)] as const
    }),
  )
  const of = (title: string) => answers.find(([name]) => name === title)?.[1] ?? []
  expect(of('Hit rate').every((value) => value > 0.3 && value < 0.7)).toBe(true)
  expect(of('Processes')).toEqual([1])
}, 120_000)

it('answers every recording rule that it has seen enough time for', async () => {
  const rules = [...shipped('prometheus-rules.yml').matchAll(/record: "?([\w:]+)"?/g)].map(([, name]) => name ?? '')
  expect(rules.length).toBeGreaterThan(25)
  await Promise.all(rules.map((name) => figures(name)))
}, 120_000)
