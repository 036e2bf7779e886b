import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./messages.mjs').FromApp} FromApp */
/** @typedef {import('./messages.mjs').Figures} Figures */
/** @typedef {import('./messages.mjs').BreakerNotice | import('./messages.mjs').RemoteNotice} Notice */

const SCRIPT = fileURLToPath(new URL('./app-process.mjs', import.meta.url))
const START_DEADLINE_MS = 90_000
const ANSWER_DEADLINE_MS = 30_000
const STOP_DEADLINE_MS = 30_000

/** One process of TableForge as its parent sees it. */
export class App {
  #child
  #exited
  /** @type {((figures: Figures) => void)[]} */
  #asked = []
  url = ''
  /** What its cache told of the remote tier. @type {Notice[]} */
  notices = []

  /** @param {Record<string, string>} env */
  constructor(env) {
    this.#child = fork(SCRIPT, [], {
      env: { ...process.env, ...env },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#exited = once(this.#child, 'exit')
  }

  /** Resolves when it answers requests. */
  ready() {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the app was not ready in time')), START_DEADLINE_MS)
      this.#child.once('exit', (code, signal) => reject(new Error(`the app ended with ${code ?? signal}`)))
      this.#child.on('message', (/** @type {FromApp} */ message) => {
        if (message.type === 'figures') this.#asked.shift()?.(message)
        else if (message.type === 'ready') {
          clearTimeout(late)
          this.url = message.url
          resolve(undefined)
        } else this.notices.push(message)
      })
    })
  }

  /** @param {{ collect?: boolean }} [options] collect garbage before @returns {Promise<Figures>} */
  figures({ collect = false } = {}) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the app does not answer')), ANSWER_DEADLINE_MS)
      this.#asked.push((figures) => {
        clearTimeout(late)
        resolve(figures)
      })
      this.#child.send({ type: 'figures', collect }, (error) => {
        if (error) reject(new Error('an app process has ended', { cause: error }))
      })
    })
  }

  /** Lets it end by itself. @returns {Promise<string | undefined>} what is wrong, if it did not */
  async stop() {
    if (this.#child.connected) this.#child.send({ type: 'close' })
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS)
    await this.#exited
    clearTimeout(impatient)
    const { exitCode, signalCode } = this.#child
    return exitCode === 0 ? undefined : `an app process ended with ${exitCode ?? signalCode}`
  }
}
