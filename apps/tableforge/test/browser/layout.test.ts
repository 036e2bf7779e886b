import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, Person } from './person.js'
import { type RunningApp, startApp } from './running-app.js'

const sizes = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const

let app: RunningApp
let browser: Browser

beforeAll(async () => {
  ;[app, browser] = await Promise.all([startApp(), openBrowser()])
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

/** Whether all of it lies within the window, and within the frame when one is given. */
async function isWhollyIn(element: Locator, frame?: Locator): Promise<boolean> {
  const box = await element.boundingBox()
  const { width, height } = element.page().viewportSize()!
  const bounds = (await frame?.boundingBox()) ?? { x: 0, y: 0, width, height }
  if (box === null || (frame !== undefined && !(await isWhollyIn(frame)))) return false
  const right = box.x + box.width <= bounds.x + bounds.width
  const low = box.y + box.height <= bounds.y + bounds.height
  return box.x >= bounds.x && box.y >= bounds.y && right && low
}

describe.each(['wide', 'phone'] as const)('on a %s window', (size) => {
  const LONG_NAME = 'Bartholomew the Unreasonably Long-Winded'

  it('everything stays within reach when somebody with a long name sits down', async () => {
    const master = await Person.at(browser, app.url, { viewport: sizes[size] })
    await master.signIn(`Ada ${size}`)
    const path = await master.setTable(`Table ${size}`)
    const guest = await Person.at(browser, app.url)
    await guest.signIn(LONG_NAME)
    await guest.sitDownAt(path)

    const { page } = master
    await page.getByLabel('To', { exact: true }).selectOption({ label: `${LONG_NAME} only` })
    expect(await isWhollyIn(page.getByRole('button', { name: 'Whisper it' }))).toBe(true)
    for (const tab of await page.getByRole('tab').all()) expect(await isWhollyIn(tab)).toBe(true)
    expect(await isWhollyIn(page.getByRole('toolbar', { name: 'Board' }))).toBe(true)
    await Promise.all([master.close(), guest.close()])
  })

  it('the sum of a roll always shows, however many dice lie in the tray and whatever was refused', async () => {
    const player = await Person.at(browser, app.url, { viewport: sizes[size] })
    await player.signIn(`Dora ${size}`)
    await player.setTable(`Dice ${size}`)
    const { page } = player
    if (size === 'phone') await page.getByRole('tab', { name: 'Dice' }).click()
    const tray = page.locator('.tray')
    const roll = async (notation: string) => {
      await page.getByLabel('Dice to roll').fill(notation)
      await page.getByRole('button', { name: 'Roll', exact: true }).click()
    }
    for (const notation of ['1d20', '8d6', '20d20+1000', '4d6kh3+2d8+1d4+5+3d10+d%']) {
      await roll(notation)
      await tray.getByText(`rolled ${notation}`).waitFor()
      expect(await isWhollyIn(tray.locator('strong'), tray), notation).toBe(true)
      for (const drawn of await tray.locator('.roll-dice > *').all()) {
        expect(await isWhollyIn(drawn, tray), notation).toBe(true)
      }
    }
    await roll('nonsense'.repeat(7))
    await page.getByText('Dice: expected').waitFor()
    expect(await isWhollyIn(tray.locator('strong'), tray)).toBe(true)
    await player.close()
  })
})

describe('an address', () => {
  it('that leads nowhere is a page that is not found and leads back', async () => {
    const visitor = await Person.at(browser, app.url)
    const answer = await visitor.page.goto(new URL('/nope', app.url).href)
    expect(answer?.status()).toBe(404)
    await visitor.page.getByRole('heading', { name: 'Nothing here' }).waitFor()
    await visitor.page.getByRole('link', { name: 'To the tables' }).click()
    await visitor.page.getByRole('button', { name: 'Take a seat' }).waitFor()
    await visitor.close()
  })

  it('that is no valid encoding is a table that nobody has set', async () => {
    const visitor = await Person.at(browser, app.url)
    await visitor.signIn('Lost')
    await visitor.page.goto(`${app.url}/rooms/100%`)
    await visitor.page.getByRole('heading', { name: 'No table here' }).waitFor()
    await visitor.close()
  })
})

it('the first page asks in words for the name that one left out', async () => {
  const visitor = await Person.at(browser, app.url)
  await visitor.page.goto(app.url)
  await visitor.page.getByLabel('Your name at the table').fill('   ')
  await visitor.page.getByRole('button', { name: 'Take a seat' }).click()
  await visitor.page.getByRole('alert').getByText('Please enter a name.', { exact: true }).waitFor()
  await visitor.close()
})
