import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type Cache, createCache, type Definition } from '@tableforge/cache'
import { createInvalidator, type Invalidator, rule, tag } from '@tableforge/cache/invalidation'
import type { AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { createConsole } from '../../src/index.js'

/** Needs the built page: `npm run build:page -w @tableforge/cache-console`. */
export const OPERATOR = { username: 'kit', password: 'correct horse battery' }
export const VIEWER = { username: 'vic', password: 'correct horse battery' }
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Happenings {
  'room.closed': { readonly id: string }
}

export interface Look {
  readonly width?: number
  readonly theme?: 'light' | 'dark'
  readonly still?: boolean
}

/** A console over a cache under steady traffic, and a browser to look at it with. */
export interface Watched {
  readonly cache: Cache
  readonly rooms: Definition<[id: string], { id: string }>
  readonly invalidator: Invalidator<Happenings>
  /** A page that tells of its own errors, such as a breach of its policy. */
  openPage(look?: Look): Promise<{ page: Page; errors: string[] }>
  /** Takes the server away until what is returned is called. */
  interrupt(): Promise<() => Promise<void>>
  close(): Promise<void>
}

export async function startWatched(): Promise<Watched> {
  const browser = await launch()
  const cache = createCache({
    namespace: 'watched',
    node: 'n1',
    history: { publish: '1s' },
    heavyHitters: { sample: 1 },
    // Nothing of this test is that good: there is always something to show.
    alerts: {
      interval: '1s',
      pending: '1s',
      minReads: 1,
      thresholds: { hitRate: { warning: 0.9999, critical: 0.001 }, errorRate: false, latency: false },
    },
    slo: { room: { hitRate: 0.5, latency: { threshold: '1s', share: 0.9 } } },
  })
  await cache.ready()
  const rooms = cache.define('room', {
    key: (id: string) => id,
    load: async (id) => {
      if (id === 'broken') throw new Error('no such room')
      return { id }
    },
    tags: (room) => [`owner:${room.id}`],
  })
  const invalidator = createInvalidator<Happenings>(cache, {
    rules: { 'room.closed': rule('room', ({ id }) => tag(`owner:${id}`)) },
  })
  const operated = createConsole({ cache, invalidator, auth: [OPERATOR, { ...VIEWER, role: 'viewer' }] })
  const fetch = (request: Request, env: object) => operated.fetch(request, env)
  let server = await listen(fetch, 0)
  const address = `http://127.0.0.1:${portOf(server)}/console`
  let turn = 0
  const traffic = setInterval(() => {
    turn += 1
    for (let reader = 0; reader < 5; reader += 1) void rooms.get(`r${(turn + reader) % 12}`)
    if (turn % 20 === 0)
      void invalidator.raise('room.closed', { id: `r${turn % 12}` }, { actor: 'maya', reason: 'done' })
    if (turn % 50 === 0) void rooms.get('broken').catch(() => undefined)
  }, 50)
  return {
    cache,
    rooms,
    invalidator,
    openPage: (look) => openPage(browser, address, look),
    async interrupt() {
      const port = portOf(server)
      await stop(server)
      return async () => {
        server = await listen(fetch, port)
      }
    },
    async close() {
      clearInterval(traffic)
      await browser.close()
      await operated.close()
      await stop(server)
      await invalidator.close()
      await cache.close()
    },
  }
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  })
}

async function openPage(
  browser: Browser,
  address: string,
  { width = 1280, theme = 'light', still = false }: Look = {},
) {
  const context = await browser.newContext({
    viewport: { width, height: 860 },
    colorScheme: theme,
    reducedMotion: still ? 'reduce' : 'no-preference',
  })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) errors.push(message.text())
  })
  await page.goto(address)
  return { page, errors }
}

export async function signIn(page: Page, { username, password } = OPERATOR): Promise<void> {
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('.connection[data-phase="live"]').waitFor()
}

/** What axe finds against WCAG 2.2 A and AA, in words. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const results = await page.evaluate<AxeResults>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })",
  )
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  )
}

export async function goTo(page: Page, view: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, view)
  const name = view.slice(1).split('/')[0]
  await page.locator(`main[data-view="${name}"] h2`).first().waitFor()
  if (view.startsWith('#keys/')) await page.locator('.inspection').waitFor()
  if (view === '#alerts') await page.locator('.alerts li').first().waitFor()
  if (view === '#nodes') await page.locator('.nodes tbody tr').first().waitFor()
  if (view === '#definitions/room') await page.locator('.top li').first().waitFor()
}

async function listen(fetch: (request: Request, env: object) => Promise<Response>, port: number): Promise<Server> {
  const listening = serve({ fetch, port, hostname: '127.0.0.1' }) as Server
  await once(listening, 'listening')
  return listening
}

async function stop(listening: Server): Promise<void> {
  const stopped = new Promise((resolve) => listening.close(resolve))
  listening.closeAllConnections()
  await stopped
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
