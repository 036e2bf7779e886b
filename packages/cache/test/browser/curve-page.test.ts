import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { curvePage, missRatioCurves, syntheticTrace } from '../../src/simulator/index.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const html = curvePage(
  ['zipf:requests=4000,keys=500', 'evening:players=12,minutes=2'].map((name) => {
    const trace = { ...syntheticTrace(name), name: `<b>${name}</b>` }
    return missRatioCurves(trace, { policies: ['adaptive', 'lru', 's3-fifo', 'belady'], points: 5 })
  }),
)

let browser: Browser

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  })
})
afterAll(() => browser?.close())

async function open(width: number, colorScheme: 'light' | 'dark') {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('request', (request) => errors.push(`asked for ${request.url()}`))
  await page.setContent(html)
  return { page, errors }
}

test('the values of a size are read with the keyboard and with the pointer', async () => {
  const { page, errors } = await open(1280, 'light')
  const slider = page.getByRole('slider').first()
  const size = page.locator('output').first()
  await slider.focus()
  await page.keyboard.press('Home')
  const smallest = await size.textContent()
  await page.keyboard.press('ArrowRight')
  expect(await size.textContent()).not.toBe(smallest)
  await page.keyboard.press('End')
  expect(await size.textContent()).toContain('(100%)')
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/100%\): .*belady [\d.]+ %/)

  const box = await slider.boundingBox()
  if (box === null) throw new Error('the chart is not shown')
  await page.mouse.move(box.x + box.width * 0.06, box.y + box.height / 2)
  expect(await size.textContent()).toBe(smallest)
  // The best first: nobody is before the optimum.
  expect(await page.locator('.readout').first().locator('th').first().textContent()).toBe('belady')
  expect(errors).toEqual([])
  await page.close()
})

test.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the page meets WCAG AA and fits at %i px in %s', async (width, scheme) => {
  const { page, errors } = await open(width, scheme)
  for (const details of await page.locator('summary').all()) await details.click()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  await page.evaluate(axe)
  const { violations } = (await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })")) as {
    violations: { id: string; nodes: { html: string }[] }[]
  }
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(', ')}`)).toEqual([])
  expect(await page.locator('h2').first().textContent()).toBe('<b>zipf:requests=4000,keys=500</b>')
  expect(errors).toEqual([])
  await page.close()
})
