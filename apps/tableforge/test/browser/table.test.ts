import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { openBrowser, Person } from './person.js'
import { type RunningApp, startApp } from './running-app.js'

let app: RunningApp
let browser: Browser
const people: Person[] = []

beforeAll(async () => {
  ;[app, browser] = await Promise.all([startApp(), openBrowser()])
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

afterEach(async () => {
  const complaints = people.flatMap((person) => person.complaints)
  await Promise.all(people.splice(0).map((person) => person.close()))
  expect(complaints, 'errors on the console, violations of the Content-Security-Policy among them').toEqual([])
})

async function person(name: string): Promise<Person> {
  const one = await Person.at(browser, app.url)
  people.push(one)
  await one.signIn(name)
  return one
}

let tables = 0

/** A table of Ada's, with the others sitting at it. */
async function tableOf<const Names extends readonly string[]>(...names: Names) {
  const run = ++tables
  const master = await person(`Ada ${run}`)
  const path = await master.setTable(`Table ${run}`)
  const others = await Promise.all(names.map((name) => person(`${name} ${run}`)))
  for (const other of others) await other.sitDownAt(path)
  return { run, path, ada: master, others: others as { [I in keyof Names]: Person } }
}

/** A picture of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const soon = { timeout: 30_000, interval: 30 }

describe('the board', () => {
  it('shows a token moving to the others while it is dragged, and everybody where it was let go', async () => {
    const { ada, path, others } = await tableOf('Bob')
    const [bob] = others
    await ada.addToken('Knight')
    await bob.token('Knight').waitFor()
    const start = await bob.placeOf('Knight')

    const box = (await ada.token('Knight').boundingBox())!
    const { mouse } = ada.page
    await mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await mouse.down()
    await mouse.move(box.x + box.width * 2.8, box.y + box.height * 2.2, { steps: 12 })
    await vi.waitFor(async () => expect(await bob.placeOf('Knight')).not.toEqual(start), soon)
    await mouse.up()

    const end = { x: start.x + 2, y: start.y + 2 }
    await vi.waitFor(async () => expect(await ada.placeOf('Knight')).toEqual(end), soon)
    await vi.waitFor(async () => expect(await bob.placeOf('Knight')).toEqual(end), soon)

    await bob.page.goto(new URL(path, app.url).href)
    await bob.token('Knight').waitFor()
    expect(await bob.placeOf('Knight')).toEqual(end)
  })

  it('lets a player move a token with the arrow keys', async () => {
    const { ada, others } = await tableOf('Bob')
    const [bob] = others
    await ada.addToken('Rogue', { anyones: true })
    const start = await ada.placeOf('Rogue')
    await bob.token('Rogue').focus()
    await bob.page.keyboard.press('ArrowRight')
    await bob.page.keyboard.press('ArrowDown')
    const end = { x: start.x + 1, y: start.y + 1 }
    await vi.waitFor(async () => expect(await ada.placeOf('Rogue')).toEqual(end), soon)
    await vi.waitFor(async () => expect(await bob.placeOf('Rogue')).toEqual(end), soon)
  })

  it('keeps a hidden token from players until it is revealed', async () => {
    const { ada, others } = await tableOf('Bob')
    const [bob] = others
    await ada.addToken('Lurking spy', { hidden: true })
    await ada.addToken('Innkeeper')
    await bob.token('Innkeeper').waitFor()
    expect(await ada.token('Lurking spy').getAttribute('class')).toContain('secret')
    expect(await bob.everything()).not.toContain('Lurking spy')

    await ada.token('Lurking spy').focus()
    await ada.page.getByRole('button', { name: 'Reveal' }).click()
    await bob.token('Lurking spy').waitFor()
  })

  it('catches up after a lost connection, and says meanwhile that it is out of date', async () => {
    const { ada, others } = await tableOf('Bob')
    const [bob] = others
    await ada.addToken('Ferry', { anyones: true })
    await bob.token('Ferry').waitFor()

    await bob.context.setOffline(true)
    await bob.page.evaluate(() => window.dispatchEvent(new Event('offline')))
    await bob.page.getByText('The connection is lost.').waitFor({ timeout: 40_000 })
    const start = await ada.placeOf('Ferry')
    await ada.token('Ferry').focus()
    await ada.page.keyboard.press('ArrowRight')

    await bob.context.setOffline(false)
    await bob.page.getByText('Live', { exact: true }).waitFor()
    await vi.waitFor(async () => expect(await bob.placeOf('Ferry')).toEqual({ x: start.x + 1, y: start.y }), soon)
    // Requests fail while the network is away, and the browser says so.
    bob.complaints.splice(0)
  })
})

describe('chat', () => {
  it('brings a whisper to its target and to nobody else', async () => {
    const { ada, run, others } = await tableOf('Bob', 'Cyd')
    const [bob, cyd] = others
    await ada.say('the vault code is 7-1-4', `Bob ${run}`)
    await bob.page.getByRole('log').getByText('the vault code is 7-1-4').waitFor()
    await bob.page.getByRole('log').getByText('whispers to you').waitFor()

    await ada.say('good evening, everybody')
    await cyd.page.getByRole('log').getByText('good evening, everybody').waitFor()
    await cyd.page.reload()
    await cyd.waitUntilLive()
    await cyd.page.getByRole('log').getByText('good evening, everybody').waitFor()
    const reached = await cyd.everything()
    expect(reached).toContain('good evening, everybody')
    expect(reached).not.toContain('vault code')
  })

  it('shows a roll to everybody, with the same sum', async () => {
    const { ada, others } = await tableOf('Bob')
    const [bob] = others
    await bob.page.getByLabel('Dice to roll').fill('2d6+3')
    await bob.page.getByRole('button', { name: 'Roll', exact: true }).click()
    const sumAt = async (one: Person) => one.page.locator('.tray strong').textContent()
    await vi.waitFor(async () => expect(await sumAt(ada)).toMatch(/^\d+$/), soon)
    await bob.page.locator('.tray strong').waitFor()
    expect(await sumAt(bob)).toBe(await sumAt(ada))
  })
})

describe('cards', () => {
  it('shows a drawn card to its owner only, until it is played', async () => {
    const { ada, others } = await tableOf('Bob')
    const [bob] = others
    await ada.page.getByRole('button', { name: 'Add a deck' }).click()
    await bob.page.getByRole('button', { name: /^Draw 52/ }).waitFor()

    const drawing = ada.page.waitForResponse((response) => response.url().endsWith('/draw'))
    await ada.page.getByRole('button', { name: /^Draw 52/ }).click()
    const { cards } = (await (await drawing).json()) as { cards: { id: string; face: string }[] }
    const { id, face } = cards[0]!
    await ada.page.locator('.hand-card').waitFor()
    expect(await ada.everything()).toContain(id)

    await bob.page.getByRole('button', { name: /^Draw 51/ }).waitFor()
    await bob.page.reload()
    await bob.page.getByRole('button', { name: /^Draw 51/ }).waitFor()
    await bob.page.getByText('Draw a card. Only you will see it.').waitFor()
    const reached = await bob.everything()
    expect(reached).toContain('"drawCount":51')
    expect(reached).not.toContain(id)
    expect(reached).not.toContain(`"${face}"`)

    await ada.page.locator('.hand-card').click()
    await ada.page.getByRole('button', { name: 'Play card' }).click()
    await bob.page.getByText('Played 1').waitFor()
    expect(await bob.everything()).toContain(id)
    // Bob hears it from the socket and Ada from the answer to her play: neither waits for the other.
    await ada.page.locator('.hand-card').waitFor({ state: 'detached' })
  })
})

describe('assets', () => {
  it('puts an uploaded picture on a token that everybody sees', async () => {
    const { ada, others } = await tableOf('Bob')
    const [bob] = others
    const { page } = ada
    await bob.page.getByRole('tab', { name: 'Assets' }).click()
    await page.getByRole('tab', { name: 'Assets' }).click()
    await page.getByLabel('Choose a file').setInputFiles({ name: 'owl.png', mimeType: 'image/png', buffer: PIXEL })
    await page.getByLabel('For whom').selectOption({ label: 'Everybody' })
    await page.getByRole('button', { name: 'Upload' }).click()
    await bob.page.getByRole('link', { name: 'owl.png' }).waitFor()

    await page.getByRole('button', { name: 'Token', exact: true }).click()
    await page.getByLabel('Name', { exact: true }).fill('Owl')
    await page.getByLabel('Picture').selectOption({ label: 'owl.png' })
    await page.getByRole('button', { name: 'Put it on the board' }).click()
    const picture = bob.token('Owl').locator('img')
    await picture.waitFor()
    const width = () => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)
    await vi.waitFor(async () => expect(await width()).toBe(1), soon)
  })
})

describe('roles and sessions', () => {
  it('takes the pieces from a player who becomes a spectator, at once', async () => {
    const { ada, run, others } = await tableOf('Bob')
    const [bob] = others
    await ada.page.getByRole('tab', { name: 'Players' }).click()
    await ada.page.getByLabel(`Role of Bob ${run}`).selectOption({ label: 'Spectator' })
    await bob.page.getByText('Spectator', { exact: false }).first().waitFor()
    await bob.page.getByRole('button', { name: 'Token', exact: true }).waitFor({ state: 'detached' })
  })

  it('signs out every page of the session, and the server refuses what it is asked afterwards', async () => {
    const { ada } = await tableOf()
    const second = await ada.context.newPage()
    await second.goto(app.url)
    await second.getByRole('heading', { name: /^Good to see you/ }).waitFor()
    const before = await ada.context.cookies()

    await ada.page.getByRole('button', { name: 'Sign out' }).click()
    await ada.page.getByRole('button', { name: 'Take a seat' }).waitFor()
    await second.getByText('You were signed out.').waitFor()

    const cookie = before.map(({ name, value }) => `${name}=${value}`).join('; ')
    const answer = await fetch(new URL('/api/rooms/mine', app.url), { headers: { cookie } })
    expect(answer.status).toBe(401)
  })
})
