import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Debian's Chromium, kept from talking to anybody but the app. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

/** Somebody at their own browser, and everything that reached it. */
export class Person {
  readonly page: Page
  readonly context: BrowserContext
  /** Bodies of HTTP answers and socket frames, as text. */
  readonly received: string[] = []
  /** What the browser complained about: errors on the console, violations of the Content-Security-Policy among them. */
  readonly complaints: string[] = []
  readonly #url: string
  readonly #reading = new Set<Promise<void>>()

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.context = context
    this.page = page
    this.#url = url
    this.#listen(page)
  }

  /** Sits down at a browser of their own, not signed in. */
  static async at(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...options,
    })
    context.setDefaultTimeout(60_000)
    return new Person(context, await context.newPage(), url)
  }

  async signIn(name: string): Promise<void> {
    await this.page.goto(this.#url)
    await this.page.getByLabel('Your name at the table').fill(name)
    await this.page.getByRole('button', { name: 'Take a seat' }).click()
    await this.page.getByRole('heading', { name: `Good to see you, ${name}.` }).waitFor()
  }

  /** Sets a new table and returns its path. */
  async setTable(name: string): Promise<string> {
    const { page } = this
    await page.getByRole('button', { name: 'Set a table' }).click()
    await page.getByLabel('Name', { exact: true }).fill(name)
    await page.getByRole('button', { name: 'Set the table' }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await this.waitUntilLive()
    return new URL(page.url()).pathname
  }

  async sitDownAt(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#url).href)
    await this.page.getByRole('button', { name: 'Sit down' }).click()
    await this.waitUntilLive()
  }

  /** Until the table is entered and caught up: only then is adding a token offered. */
  async waitUntilLive(): Promise<void> {
    await this.page.getByRole('button', { name: 'Token', exact: true }).waitFor()
  }

  async addToken(name: string, options: { hidden?: boolean; anyones?: boolean } = {}): Promise<void> {
    const { page } = this
    await page.getByRole('button', { name: 'Token', exact: true }).click()
    await page.getByLabel('Name', { exact: true }).fill(name)
    if (options.anyones === true) await page.getByLabel('Moved by').selectOption({ label: 'Any player' })
    if (options.hidden === true) await page.getByLabel('Hidden: only game masters see it').check()
    await page.getByRole('button', { name: 'Put it on the board' }).click()
    await this.token(name).waitFor()
  }

  token(name: string) {
    return this.page.locator('.token').filter({ hasText: name })
  }

  /** Where the page shows a token, in cells. */
  async placeOf(name: string): Promise<{ x: number; y: number }> {
    const token = this.token(name)
    return { x: Number(await token.getAttribute('data-x')), y: Number(await token.getAttribute('data-y')) }
  }

  async say(text: string, to?: string): Promise<void> {
    await this.page
      .getByLabel('To', { exact: true })
      .selectOption({ label: to === undefined ? 'everybody' : `${to} only` })
    await this.page.getByLabel(to === undefined ? 'Message' : `Whisper to ${to}`, { exact: true }).fill(text)
    await this.page.keyboard.press('Enter')
    await this.page.getByRole('log').getByText(text).waitFor()
  }

  /** Everything that reached this browser so far, with what it shows. */
  async everything(): Promise<string> {
    await Promise.all(this.#reading)
    return [...this.received, await this.page.content()].join('\n')
  }

  close(): Promise<void> {
    return this.context.close()
  }

  #listen(page: Page): void {
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => this.received.push(payload.toString())),
    )
    page.on('response', (response) => {
      const reading = response
        .text()
        .then((text) => void this.received.push(text))
        // Redirects, and answers to a page that was left meanwhile, have no body to read.
        .catch(() => undefined)
      this.#reading.add(reading)
    })
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
  }
}
