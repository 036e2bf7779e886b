import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, Person } from './person.js'
import { type RunningApp, startApp } from './running-app.js'

const WCAG_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

let app: RunningApp
let browser: Browser
let axeSource: string

beforeAll(async () => {
  ;[app, browser, axeSource] = await Promise.all([
    startApp(),
    openBrowser(),
    readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
  ])
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

/** What axe finds wrong with the page as it stands, and whether it is wider than its window. */
async function faultsOf({ page }: Person, where: string): Promise<string[]> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)))
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(
    (tags) => (window as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: 'tag', values: tags } }),
    WCAG_AA,
  )
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  return [
    ...violations.map(({ id, nodes }) => `${where}: ${id} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
    ...(wide ? [`${where}: scrolls sideways`] : []),
  ]
}

const sizes = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it.each(['wide', 'phone'] as const)('every page meets WCAG AA on a %s window', async (size) => {
    const person = await Person.at(browser, app.url, { colorScheme, viewport: sizes[size] })
    const { page } = person
    const faults: string[] = []
    const look = async (where: string) => faults.push(...(await faultsOf(person, where)))

    await page.goto(app.url)
    await page.getByRole('button', { name: 'Take a seat' }).waitFor()
    await look('first page')
    await person.signIn(`Vera ${colorScheme} ${size}`)
    await look('lobby')
    await page.getByRole('searchbox').fill('a')
    await page.getByText(/found for “a”/).waitFor()
    await look('search')
    await page.getByRole('searchbox').fill('')
    await page.getByRole('button', { name: /^Notifications/ }).click()
    await look('notifications')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /your profile/ }).click()
    await page.getByLabel('About you').waitFor()
    await look('profile')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Set a table' }).click()
    await look('new table')
    await page.keyboard.press('Escape')

    await person.setTable(`Vera’s ${colorScheme} ${size}`)
    await person.addToken('Knight')
    await person.addToken('Hidden spy', { hidden: true })
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      await look(`table, ${await tab.textContent()}`)
    }
    await page.getByRole('button', { name: 'Token', exact: true }).click()
    await look('new token')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Settings of this table' }).click()
    await look('settings of a table')

    await person.close()
    expect(faults).toEqual([])
    expect(person.complaints).toEqual([])
  })
})

it('the theme that one chooses outlives the visit and overrules the system', async () => {
  const person = await Person.at(browser, app.url, { colorScheme: 'light' })
  const { page } = person
  await page.goto(app.url)
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.getByRole('button', { name: 'Take a seat' }).waitFor()
  const light = await background()
  await page.getByRole('button', { name: 'Switch to the dark theme' }).click()
  const dark = await background()
  expect(dark).not.toBe(light)
  await page.reload()
  await page.getByRole('button', { name: 'Take a seat' }).waitFor()
  expect(await background()).toBe(dark)
  await person.close()
})

it('the page is served under a policy that allows no scripts but its own files', async () => {
  const answer = await fetch(app.url)
  const policy = answer.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/(script-src|default-src) 'self'(;|$)/)
  expect(policy).not.toContain('unsafe-eval')
  expect(await answer.text()).not.toMatch(/<script(?![^>]*\bsrc=)/)
})
