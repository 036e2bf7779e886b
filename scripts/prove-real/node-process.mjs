import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} NodeSettings
 * @property {string} url of Redis, or of the proxy in front of it
 * @property {string} namespace
 * @property {number} index
 * @property {number} callers at the same time
 * @property {number} maxStalenessMs
 * @property {import('@tableforge/cache/testing').ProtocolPart[]} without parts of the protocol to switch off
 */

/**
 * @typedef {{ type: 'read', key: number, freshness: 'memory' | 'remote', began: number, ended: number, tier: string,
 *   thing: { key: number, version: number, since?: number, set?: string } }} ReadRecord
 */
/**
 * @typedef {{ type: 'invalidation', scope: string, keys: readonly number[], issued: number, acknowledged: number,
 *   propagated: boolean, place: string | undefined, set: string | undefined }} InvalidationRecord
 */
/**
 * @typedef {ReadRecord | InvalidationRecord | { type: 'applied', place: string, at: number } | { type: 'recovered', at:
 *   number } | { type: 'repaired' } | { type: 'lost', reason: string } | { type: 'failed', operation: string, code:
 *   string }} NodeRecord
 */
/**
 * @typedef {{ type: 'ready' } | { type: 'records', upTo: number, records: NodeRecord[] } | { type: 'read' | 'write',
 *   question: number, key: number } | { type: 'stopped', stuck: number }} FromNode
 */
/** @typedef {{ type: 'stop' } | { type: 'answer', question: number, version: number }} ToNode */

const SCRIPT = fileURLToPath(new URL('./node.mjs', import.meta.url))
const START_DEADLINE_MS = 30_000
const STOP_DEADLINE_MS = 40_000

/** One node process as its parent sees it. */
export class NodeProcess {
  /** @type {import('node:child_process').ChildProcess} */
  #child
  /** @type {Promise<unknown>} */
  #exited
  #ready
  /** Operations that had not ended when it stopped. */
  stuck = 0
  /** What it printed on its standard error. */
  stderr = ''

  /** @param {NodeSettings} settings @param {(message: FromNode, reply: (message: ToNode) => void) => void} onMessage */
  constructor(settings, onMessage) {
    this.#child = fork(SCRIPT, [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
    this.#exited = once(this.#child, 'exit')
    this.#child.stderr?.on('data', (chunk) => {
      if (this.stderr.length < 10_000) this.stderr += chunk
    })
    const reply = (/** @type {ToNode} */ message) => {
      if (this.#child.connected) this.#child.send(message, () => undefined)
    }
    this.#ready = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('a node was not ready in time')), START_DEADLINE_MS)
      this.#child.once('exit', (code, signal) => {
        clearTimeout(late)
        reject(new Error(`a node ended with ${code ?? signal}:\n${this.stderr}`))
      })
      this.#child.on('message', (/** @type {FromNode} */ message) => {
        if (message.type === 'ready') {
          clearTimeout(late)
          resolve(undefined)
        } else if (message.type === 'stopped') this.stuck = message.stuck
        else onMessage(message, reply)
      })
    })
    this.#ready.catch(() => undefined)
  }

  /** Resolves when its cache is connected and its callers begin. */
  ready() {
    return this.#ready
  }

  /** Ends it as a crash does. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /**
   * Lets it finish what is under way.
   *
   * @returns {Promise<string | undefined>} what is wrong, if it did not end well by itself
   */
  async stop() {
    if (this.#child.connected) this.#child.send({ type: 'stop' })
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS)
    await this.#exited
    clearTimeout(impatient)
    const { exitCode, signalCode } = this.#child
    if (this.stuck > 0) return `${this.stuck} operations never ended`
    return exitCode === 0 ? undefined : `it ended with ${exitCode ?? signalCode}:\n${this.stderr}`
  }
}
