import { readdirSync, readFileSync } from 'node:fs'

/**
 * A process of this machine. `id` stays its own when the number is given to another process later.
 *
 * @typedef {{ pid: number, parent: number, id: string, command: string }} Process
 */

const SAMPLE_MS = 250
const SETTLE_MS = 5_000

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended between being listed and being read, or belongs to another user.
    return ''
  }
}

/** The processes that are alive (a zombie is not). @returns {Process[]} */
function listProcesses() {
  const found = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = read(`/proc/${name}/stat`)
    // The second field, the program's name in brackets, may itself contain spaces and brackets (proc(5)).
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (stat === '' || state === 'Z' || state === 'X') continue
    const command =
      read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() ||
      stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    found.push({ pid: Number(name), parent: Number(parent), id: `${name}@${rest[17]}`, command })
  }
  return found
}

/**
 * Watches the processes that descend from this one, so that those left behind can be named at the end. A process whose
 * parent has ended no longer descends from us, hence the samples on the way, and a mark in the environment that
 * catches what came and went between two samples. Linux only; elsewhere it sees nothing.
 */
export class ProcessWatch {
  /** @type {Map<string, Process>} */
  #seen = new Map()
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #mark

  /** @param {string} mark a `NAME=value` that only descendants of this process have in their environment */
  constructor(mark) {
    this.#mark = mark
  }

  get isSupported() {
    return process.platform === 'linux'
  }

  start() {
    if (this.isSupported) this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref()
  }

  /** @returns {Process[]} those alive that were seen now or before */
  #sample() {
    const alive = listProcesses()
    const ours = new Set([process.pid, ...alive.filter(({ id }) => this.#seen.has(id)).map(({ pid }) => pid)])
    for (let before = -1; before !== ours.size; ) {
      before = ours.size
      for (const { pid, parent } of alive) if (ours.has(parent)) ours.add(pid)
    }
    ours.delete(process.pid)
    for (const each of alive) if (ours.has(each.pid)) this.#seen.set(each.id, each)
    return alive.filter(({ id }) => this.#seen.has(id))
  }

  /** @returns {Process[]} */
  #left() {
    const marked = listProcesses().filter(
      ({ pid }) => pid !== process.pid && read(`/proc/${pid}/environ`).split('\0').includes(this.#mark),
    )
    for (const each of marked) this.#seen.set(each.id, each)
    return this.#sample()
  }

  /**
   * Ends the watch: gives what is still ending a few seconds, then kills what is left.
   *
   * @param {number} [settleMs]
   * @returns {Promise<Process[]>} those that had to be killed
   */
  async finish(settleMs = SETTLE_MS) {
    clearInterval(this.#timer)
    if (!this.isSupported) return []
    const deadline = performance.now() + settleMs
    let left = this.#left()
    while (left.length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      left = this.#left()
    }
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
      }
    }
    return left
  }
}
