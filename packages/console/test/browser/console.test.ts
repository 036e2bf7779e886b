import type { Fleet, Trend } from '@tableforge/cache'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityFaults, goTo, signIn, startWatched, VIEWER, type Watched } from './watched.js'

const VIEWS = [
  '#overview',
  '#definitions',
  '#definitions/room',
  '#keys',
  '#keys/room:r1',
  '#invalidations',
  '#alerts',
  '#nodes',
  '#actions',
]

let watched: Watched

beforeAll(async () => {
  watched = await startWatched()
})

afterAll(() => watched?.close())

/** The key figure of reads. */
function figure(page: Page) {
  return page.locator('.figure', { has: page.locator('dt', { hasText: /^Reads$/ }) })
}

test('an operator signs in, sees live figures move, and signs out', async () => {
  const { page, errors } = await watched.openPage()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByLabel('Name').fill('kit')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await signIn(page)

  const reads = figure(page)
  const before = await reads.textContent()
  await expect.poll(() => reads.textContent(), { timeout: 30_000 }).not.toBe(before)
  await watched.cache.invalidate({ key: 'room:unmistakable' })
  await page.getByRole('link', { name: 'room:unmistakable' }).waitFor()
  expect(await page.locator('.flow-out').textContent()).toMatch(/Memory .*%.*Remote .*Origin/)

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Password').waitFor()
  expect(errors).toEqual([])
})

// Nine pages, each judged as a whole: patient, for a starved machine.
test.each([
  { width: 1280, theme: 'light', who: undefined },
  { width: 1280, theme: 'dark', who: undefined },
  { width: 390, theme: 'light', who: undefined },
  { width: 390, theme: 'dark', who: VIEWER },
] as const)(
  'every view meets WCAG AA and fits at $width px in $theme',
  async ({ width, theme, who }) => {
    const { page, errors } = await watched.openPage({ width, theme })
    await signIn(page, who)
    for (const view of VIEWS) {
      await goTo(page, view)
      expect(await accessibilityFaults(page), view).toEqual([])
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        `${view} is wider than the window`,
      ).toBeLessThanOrEqual(0)
    }
    expect(errors).toEqual([])
  },
  240_000,
)

test('key figures tell of yesterday where something is known of it, and say nothing where not', async () => {
  const { page } = await watched.openPage({ width: 390 })
  const trends: Trend[] = [
    { figure: 'hitRate', now: 0.9, yesterday: 0.879, change: 0.024, slopePerHour: -0.03 },
    { figure: 'readsPerSecond', now: 88, yesterday: null, change: null, slopePerHour: null },
    { figure: 'loadsPerSecond', now: 8, yesterday: 10, change: -0.2, slopePerHour: null },
  ]
  // A real yesterday takes a day.
  await page.route('**/api/trends?scope=node', (route) => route.fulfill({ json: { trends } }))
  await signIn(page)
  await page.locator('.trend').first().waitFor()
  expect(await page.locator('.trend').allTextContents()).toEqual([
    '▲ up 2.1 points since yesterday, falling over the last hour',
    'Loads ▼ down 20 % since yesterday',
  ])
  expect(await accessibilityFaults(page)).toEqual([])
})

test('a node tells by which policy it evicts and what the others are estimated at', async () => {
  const { page } = await watched.openPage()
  await signIn(page, VIEWER)
  // Estimates come from a sample of the keys.
  for (let round = 0; round < 3; round++)
    for (let key = 0; key < 1_000; key += 1) await watched.rooms.get(`estimated-${key}`)
  await goTo(page, '#nodes')
  await page.locator('.candidates li').first().waitFor()
  expect(await page.locator('.candidates li').count()).toBe(watched.cache.stats().policy.candidates.length)
  const inUse = page.locator('.candidates li[data-active="true"]')
  // The page is up to a second behind, and so the policy may change meanwhile.
  const told = async () => (await inUse.textContent())?.includes(watched.cache.stats().policy.active)
  await expect.poll(told, { timeout: 30_000 }).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
})

test('a stream that is lost is said to be, and comes back by itself', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  const comeBack = await watched.interrupt()
  await page.locator('.connection[data-phase="lost"]').waitFor()
  const said = await page.getByRole('status').textContent()
  const faults = await accessibilityFaults(page)
  await comeBack()
  expect(said).toMatch(/Not live.*What you see is of \d\d:\d\d:\d\d/)
  expect(faults).toEqual([])
  await page.locator('.connection[data-phase="live"]').waitFor({ timeout: 30_000 })
})

test('everything can be reached with the keyboard', async () => {
  const { page } = await watched.openPage()
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
  await expect.poll(() => page.evaluate(() => location.hash)).toBe('#keys/room%3Ar1')
})

test('pausing stops the picture, and who asks for less motion gets no moving dots', async () => {
  const { page } = await watched.openPage({ still: true })
  await signIn(page)
  expect(await page.locator('.flow-dots').count()).toBe(0)
  await page.getByRole('button', { name: 'Pause' }).click()
  const reads = () => figure(page).textContent()
  const paused = await reads()
  const read = watched.cache.stats().total.reads
  // Enough traffic for two updates at least.
  await expect.poll(() => watched.cache.stats().total.reads, { timeout: 60_000 }).toBeGreaterThan(read + 220)
  expect(await reads()).toBe(paused)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect.poll(reads, { timeout: 30_000 }).not.toBe(paused)
})

test('whoever signs in comes to the view that was linked to', async () => {
  const { page } = await watched.openPage()
  await page.goto(`${page.url()}#alerts`)
  await page.getByLabel('Name').fill('kit')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await signIn(page)
  await expect.poll(() => page.evaluate(() => location.hash)).toBe('#alerts')
  await page.locator('main[data-view="alerts"]').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page)
  await page.locator('main[data-view="alerts"]').waitFor()
})

test("the row of this node holds this node's figures, whosever are shown elsewhere", async () => {
  const { page } = await watched.openPage()
  await page.route('**/api/fleet', async (route) => {
    const fleet = (await (await route.fetch()).json()) as Fleet
    const [own] = fleet.nodes
    const node = { ...own, node: 'n2', self: false }
    await route.fulfill({ json: { ...fleet, total: { ...fleet.total, reads: 7e6 }, nodes: [own, node] } })
  })
  await signIn(page)
  await page.getByLabel('Figures of').selectOption('fleet')
  await page.getByText(/7,000,000 since the start/).waitFor()
  await goTo(page, '#nodes')
  const row = page.locator('.nodes tbody tr', { hasText: 'this node' })
  expect(await row.locator('td[data-label="Reads"]').textContent()).not.toBe('7 M')
  expect(await page.locator('.nodes td[data-label="Lag"]').allTextContents()).toEqual(['0', '0'])
})

test('objectives that cannot be judged are not silent about it', async () => {
  const { page } = await watched.openPage({ width: 390 })
  await page.route('**/api/report', (route) =>
    route.fulfill({ status: 502, json: { error: { code: 'remote', message: 'The remote tier does not answer' } } }),
  )
  await signIn(page)
  await goTo(page, '#alerts')
  await page.getByText('They cannot be judged now: The remote tier does not answer').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

test('the header names the node, whole, on a narrow screen', async () => {
  const { page } = await watched.openPage({ width: 390 })
  await signIn(page)
  const { text, cut } = await page.locator('.whereabouts').evaluate((element) => ({
    text: element.textContent,
    cut: element.scrollWidth > element.clientWidth,
  }))
  expect(text).toContain('watched on n1')
  expect(cut).toBe(false)
})

test('a link shows what the one who copied it saw: the time, whose figures, and the search', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  await page.getByText('2 h', { exact: true }).click()
  await page.getByLabel('Figures of').selectOption('fleet')
  // The page changes its address after what was done to it has come back, and is asked itself: the driver hears later.
  const hash = () => page.evaluate(() => location.hash)
  await expect.poll(hash).toBe('#overview?time=2h&of=fleet')
  await page.getByRole('link', { name: 'Keys' }).click()
  await expect.poll(hash).toBe('#keys')
  await page.getByRole('link', { name: 'Definitions' }).click()
  await expect.poll(hash).toBe('#definitions?time=2h&of=fleet')
  await page.reload()
  await page.locator('main[data-view="definitions"] h2').first().waitFor()
  expect(await page.getByLabel('Figures of').inputValue()).toBe('fleet')
  expect(await page.getByRole('radio', { name: '2 h' }).isChecked()).toBe(true)
  await page.evaluate(() => {
    location.hash = '#overview?time=1min&of=node'
  })
  await page.getByText('last minute', { exact: false }).first().waitFor()
  expect(await page.getByRole('radio', { name: '1 min' }).isChecked()).toBe(true)

  await goTo(page, '#invalidations')
  await page.getByLabel('Search').fill('maya closed')
  await expect.poll(hash).toBe('#invalidations?search=maya+closed')
  await page.reload()
  expect(await page.getByLabel('Search').inputValue()).toBe('maya closed')
})
