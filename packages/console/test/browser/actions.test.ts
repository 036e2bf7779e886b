import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityFaults, goTo, OPERATOR, signIn, startWatched, VIEWER, type Watched } from './watched.js'

let watched: Watched

beforeAll(async () => {
  watched = await startWatched()
})

afterAll(() => watched?.close())

const dialog = (page: Page) => page.getByRole('dialog')

/** Gives the reason, confirms, waits for what came of it, and leaves. */
async function confirm(page: Page, reason: string): Promise<string> {
  await page.getByLabel('Why, for the audit trail').fill(reason)
  await page.locator('.dialog .act').click()
  const said = dialog(page).getByRole('status')
  await said.waitFor()
  const text = (await said.textContent()) ?? ''
  await page.getByRole('button', { name: 'Close' }).click()
  await dialog(page).waitFor({ state: 'detached' })
  return text
}

async function record(page: Page, reason: string): Promise<string> {
  const line = page.locator('.records li', { hasText: reason })
  await line.waitFor()
  return (await line.textContent()) ?? ''
}

test('an operator invalidates: sees what it hits, is asked, and finds it in the records and in the audit trail', async () => {
  const { page, errors } = await watched.openPage()
  await signIn(page)
  await goTo(page, '#actions')
  await watched.rooms.get('kept')
  await page.getByText('Pattern', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Pattern' }).fill('room:kep*')
  await page.keyboard.press('Enter')
  await dialog(page).getByText('room:kept', { exact: true }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  expect(await dialog(page).getByRole('button', { name: 'Invalidate' }).isDisabled(), 'no reason yet').toBe(true)
  expect(watched.rooms.peek('kept')).toBeDefined()

  expect(await confirm(page, 'a wrong name')).toMatch(/Done\. Covered 1 in memory/)
  expect(watched.rooms.peek('kept')).toBeUndefined()
  expect(await record(page, 'a wrong name')).toMatch(/Invalidate pattern room:kep\*.*kit/)
  await goTo(page, '#invalidations')
  await page.getByLabel('Search').fill('a wrong name')
  await page.locator('.audit li', { hasText: 'room:kep*' }).waitFor()
  expect(await page.locator('.audit li').count()).toBe(1)
  expect(errors).toEqual([])
})

test('what is wrong with a name is told by the name that the form gives it', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  await goTo(page, '#actions')
  await page.getByText('Expression', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Expression' }).fill('/(/')
  await page.keyboard.press('Enter')
  expect(await dialog(page).getByRole('alert').textContent()).toMatch(/^▲ Expression: Invalid regular expression/)
})

test('a question that is left with Escape changes nothing', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  await watched.rooms.get('spared')
  await goTo(page, '#keys/room:spared')
  await page.getByRole('button', { name: 'Invalidate…' }).click()
  await page.getByLabel('Why, for the audit trail').waitFor()
  await page.keyboard.press('Escape')
  await dialog(page).waitFor({ state: 'detached' })
  expect(watched.rooms.peek('spared')).toBeDefined()
})

test('a key is invalidated from where it is inspected, which then shows that it is gone', async () => {
  const { page } = await watched.openPage({ width: 390, theme: 'dark' })
  await signIn(page)
  await watched.rooms.get('inspected')
  await goTo(page, '#keys/room:inspected')
  await page.getByRole('button', { name: 'Invalidate…' }).click()
  await confirm(page, 'looked wrong')
  await page.getByText('Not there').first().waitFor()
  await page.locator('.audit li', { hasText: 'looked wrong' }).waitFor()
})

test('an operator warms keys, bypasses a tier and comes back', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  await goTo(page, '#actions')
  await page.getByLabel(/^Full keys/).fill('room:warm1\nroom:warm2')
  await page.getByRole('button', { name: 'Show what is read…' }).click()
  expect(await confirm(page, 'before the evening')).toMatch(/2 of 2 keys are warm/)
  expect(watched.rooms.peek('warm2')).toBeDefined()

  await page.getByRole('button', { name: 'Bypass remote…' }).click()
  await dialog(page)
    .getByText(/without a lease/)
    .waitFor()
  await confirm(page, 'it is slow')
  expect(watched.cache.stats().bypassed).toEqual(['remote'])
  await page.getByRole('button', { name: 'Use remote again…' }).waitFor()
  await goTo(page, '#overview')
  await page.getByText(/Reads of this node go around the remote tier/).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await goTo(page, '#actions')
  await page.getByRole('button', { name: 'Use remote again…' }).click()
  await confirm(page, 'it is well')
  expect(watched.cache.stats().bypassed).toEqual([])
})

test('an operator takes the whole fleet around a tier for a while, and back', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  await goTo(page, '#actions')
  await page.getByText('Every node', { exact: true }).click()
  await page.getByLabel('For how long').selectOption('15 min')
  await page.getByRole('button', { name: 'Bypass memory…' }).click()
  await dialog(page)
    .getByText(/also those that start meanwhile/)
    .waitFor()
  expect(await dialog(page).getByRole('heading').textContent()).toBe('Bypass the memory tier on every node for 15 min?')
  expect(await confirm(page, 'it is not trusted')).toMatch(
    /Reads of every node go around it until (\w+ \d+, )?\d\d:\d\d/,
  )
  expect(watched.cache.stats().bypassed).toEqual(['memory'])
  await page.getByText(/ends in .* · kit: it is not trusted/).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await goTo(page, '#nodes')
  await page.getByText(/Reads of every node go around the memory tier, for another .* · kit/).waitFor()
  await goTo(page, '#actions')
  await page.getByRole('button', { name: 'Use memory again…' }).click()
  await confirm(page, 'it is well')
  expect(watched.cache.stats().bypassed).toEqual([])
})

test('an operator clears everything only by typing its name', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  await goTo(page, '#actions')
  await watched.rooms.get('gone')
  await page.getByRole('button', { name: 'Clear everything…' }).click()
  await page.getByLabel('Why, for the audit trail').fill('new world')
  expect(await dialog(page).getByRole('button', { name: 'Clear everything' }).isDisabled()).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByLabel(/^Type the namespace/).fill('watched')
  expect(await confirm(page, 'new world')).toMatch(/^Done/)
  expect(watched.rooms.peek('gone')).toBeUndefined()
})

test('an operator silences an alert, and ends the silence', async () => {
  const { page } = await watched.openPage()
  await signIn(page)
  await goTo(page, '#alerts')
  const alert = page.locator('.alerts li', { hasText: 'hit-rate-low' })
  await alert.getByRole('button', { name: /^Silence 1 h/ }).click()
  expect(await confirm(page, 'we know')).toMatch(/Silent until (\w+ \d+, )?\d\d:\d\d:\d\d\./)
  await alert.getByText(/by kit: we know/).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await alert.getByRole('button', { name: 'End the silence…' }).click()
  await confirm(page, 'it is mended')
  await alert.getByRole('button', { name: /^Silence 1 h/ }).waitFor()
})

test('figures of the fleet and of longer times are shown on request', async () => {
  const { page, errors } = await watched.openPage()
  await signIn(page)
  await page.getByLabel('Figures of').selectOption('fleet')
  await page.getByText('lines: each second').waitFor()
  await page.getByText('2 h', { exact: true }).click()
  await page.getByText('lines: each 10 s').waitFor()
  // A line from one point to itself is seen as well: nothing but a dot is known of the first minutes.
  await page.getByText('7 d', { exact: true }).click()
  await page.getByText('lines: each 5 min').waitFor()
  await page.getByText(/^\d+ (s|min) until \d\d:\d\d:\d\d$/).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  expect(errors).toEqual([])
})

test('a viewer walks every page and finds no way to act; one who is not signed in finds none in', async () => {
  const { page } = await watched.openPage()
  for (const view of ['', '#actions', '#alerts']) {
    await page.goto(`${page.url().split('#')[0]}${view}`)
    await page.getByLabel('Password').waitFor()
  }
  await signIn(page, VIEWER)
  for (const view of [
    '#overview',
    '#definitions/room',
    '#keys/room:r1',
    '#invalidations',
    '#alerts',
    '#nodes',
    '#actions',
  ]) {
    await goTo(page, view)
    expect(await page.locator('main button', { hasText: '…' }).count(), view).toBe(0)
  }
  await page.getByText('Only operators may act').waitFor()

  const { csrf } = await page.evaluate(async () => (await fetch('/console/api/session')).json())
  const answer = await page.evaluate(async (token) => {
    const response = await fetch('/console/api/actions/preview', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf-token': token },
      body: JSON.stringify({ action: { type: 'clear' } }),
    })
    return response.status
  }, csrf as string)
  expect(answer, 'not even past the page').toBe(403)
  expect(OPERATOR.username).not.toBe(VIEWER.username)
})
