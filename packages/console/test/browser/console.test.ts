import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type Cache, createCache, type Definition } from '@tableforge/cache'
import type { AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Console, createConsole } from '../../src/index.js'

/** Needs the built page: `npm run build:page -w @tableforge/cache-console`. */
const PASSWORD = { username: 'kit', password: 'correct horse battery' }
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const VIEWS = ['#overview', '#definitions', '#definitions/room', '#keys', '#keys/room:r1', '#events']

let browser: Browser
let cache: Cache
let rooms: Definition<[id: string], { id: string }>
let operated: Console
let server: Server
let address: string
let traffic: NodeJS.Timeout

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  })
  cache = createCache({ namespace: 'watched', node: 'n1' })
  await cache.ready()
  rooms = cache.define('room', {
    key: (id: string) => id,
    load: async (id) => {
      if (id === 'broken') throw new Error('no such room')
      return { id }
    },
    tags: (room) => [`owner:${room.id}`],
  })
  operated = createConsole({ cache, auth: PASSWORD })
  server = await listen(0)
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/console`
  let turn = 0
  traffic = setInterval(() => {
    turn += 1
    for (let reader = 0; reader < 5; reader += 1) void rooms.get(`r${(turn + reader) % 12}`)
    if (turn % 20 === 0) void cache.invalidate({ tag: `owner:r${turn % 12}` })
    if (turn % 50 === 0) void rooms.get('broken').catch(() => undefined)
  }, 50)
})

afterAll(async () => {
  clearInterval(traffic)
  await browser?.close()
  await operated?.close()
  await stop(server)
  await cache?.close()
})

async function listen(port: number): Promise<Server> {
  const listening = serve({
    fetch: (request, env) => operated.fetch(request, env),
    port,
    hostname: '127.0.0.1',
  }) as Server
  await once(listening, 'listening')
  return listening
}

async function stop(listening: Server): Promise<void> {
  const stopped = new Promise((resolve) => listening.close(resolve))
  listening.closeAllConnections()
  await stopped
}

interface Look {
  readonly width?: number
  readonly theme?: 'light' | 'dark'
  readonly still?: boolean
}

/** A page that fails the test when it reports an error of its own, such as a breach of its policy. */
async function openPage({
  width = 1280,
  theme = 'light',
  still = false,
}: Look = {}): Promise<{ page: Page; errors: string[] }> {
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

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Name').fill(PASSWORD.username)
  await page.getByLabel('Password').fill(PASSWORD.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('.connection[data-phase="live"]').waitFor()
}

/** What axe finds against WCAG 2.2 A and AA, in words. */
async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const results = await page.evaluate<AxeResults>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })",
  )
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  )
}

/** The key figure of reads. */
function figure(page: Page) {
  return page.locator('.figure', { has: page.locator('dt', { hasText: /^Reads$/ }) })
}

async function goTo(page: Page, view: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, view)
  const name = view.slice(1).split('/')[0]
  await page.locator(`main[data-view="${name}"] h2`).first().waitFor()
  if (view.startsWith('#keys/')) await page.locator('.inspection').waitFor()
}

test('an operator signs in, sees live figures move, and signs out', async () => {
  const { page, errors } = await openPage()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByLabel('Name').fill('kit')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await signIn(page)

  const reads = figure(page)
  const before = await reads.textContent()
  await expect.poll(() => reads.textContent(), { timeout: 5_000 }).not.toBe(before)
  await cache.invalidate({ key: 'room:unmistakable' })
  await page.getByRole('link', { name: 'room:unmistakable' }).waitFor()
  expect(await page.locator('.flow-out').textContent()).toMatch(/Memory .*%.*Remote .*Origin/)

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Password').waitFor()
  expect(errors).toEqual([])
})

test.each([
  { width: 1280, theme: 'light' },
  { width: 1280, theme: 'dark' },
  { width: 390, theme: 'light' },
  { width: 390, theme: 'dark' },
] as const)('every view meets WCAG AA and fits at $width px in $theme', async ({ width, theme }) => {
  const { page, errors } = await openPage({ width, theme })
  await signIn(page)
  for (const view of VIEWS) {
    await goTo(page, view)
    expect(await accessibilityFaults(page), view).toEqual([])
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      `${view} is wider than the window`,
    ).toBeLessThanOrEqual(0)
  }
  expect(errors).toEqual([])
})

test('a stream that is lost is said to be, and comes back by itself', async () => {
  const { page } = await openPage()
  await signIn(page)
  const { port } = server.address() as AddressInfo
  await stop(server)
  await page.locator('.connection[data-phase="lost"]').waitFor()
  const said = await page.getByRole('status').textContent()
  const faults = await accessibilityFaults(page)
  server = await listen(port)
  expect(said).toMatch(/Not live.*What you see is of \d\d:\d\d:\d\d/)
  expect(faults).toEqual([])
  await page.locator('.connection[data-phase="live"]').waitFor({ timeout: 30_000 })
})

test('everything can be reached with the keyboard', async () => {
  const { page } = await openPage()
  await signIn(page)
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Skip to the figures')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('main[data-view="definitions"]').waitFor()
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')

  await page.getByRole('button', { name: 'Definition', exact: false }).first().focus()
  await page.keyboard.press('Enter')
  await page.locator('th[aria-sort="ascending"]').waitFor()
  await goTo(page, '#keys')
  await page.getByLabel('Key', { exact: true }).fill('room:r1')
  await page.keyboard.press('Enter')
  await page.locator('.inspection').waitFor()
  expect(await page.locator('.tier').count()).toBe(2)
  expect(new URL(page.url()).hash).toBe('#keys/room%3Ar1')
})

test('pausing stops the picture, and who asks for less motion gets no moving dots', async () => {
  const { page } = await openPage({ still: true })
  await signIn(page)
  expect(await page.locator('.flow-dots').count()).toBe(0)
  await page.getByRole('button', { name: 'Pause' }).click()
  const reads = () => figure(page).textContent()
  const paused = await reads()
  const read = cache.stats().total.reads
  // Enough traffic for two updates at least.
  await expect.poll(() => cache.stats().total.reads, { timeout: 10_000 }).toBeGreaterThan(read + 220)
  expect(await reads()).toBe(paused)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect.poll(reads, { timeout: 5_000 }).not.toBe(paused)
})
