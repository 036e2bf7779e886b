import { explain, SetupError } from '../setup/setup-error.mjs'

/**
 * One step of a run. `work` resolves to what it found, or throws, which counts as a failure of the step itself.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} about what it proves, in a few words
 * @property {readonly string[]} needs names of steps that must have succeeded before
 * @property {number} weight processor cores that it keeps busy
 * @property {() => Promise<Result>} work
 */

/**
 * @typedef {{ passed: number, failed: number, skipped?: number, note?: string, output?: string, failures?: string[] }}
 *   Result `failures`: names of tests
 */

/**
 * @typedef {Result & { name: string, seconds: number, blockedBy?: string }} Report `blockedBy`: the failed step for
 *   want of which it was not run
 */

/**
 * The chosen steps and everything that they need, in the order of the list.
 *
 * @param {readonly Step[]} steps
 * @param {readonly string[]} names
 * @returns {Step[]}
 */
export function withNeeds(steps, names) {
  const chosen = new Set(names)
  for (const name of chosen) {
    const step = steps.find((candidate) => candidate.name === name)
    if (step === undefined)
      throw new SetupError(`There is no step "${name}"; the steps are ${steps.map((each) => each.name).join(', ')}.`)
    for (const need of step.needs) chosen.add(need)
  }
  return steps.filter((step) => chosen.has(step.name))
}

/** @param {Step} step @returns {Promise<Report>} */
async function perform(step) {
  const started = performance.now()
  /** @type {Result} */
  let result
  try {
    result = await step.work()
  } catch (error) {
    result = { passed: 0, failed: 1, output: explain(error) }
  }
  return { ...result, name: step.name, seconds: (performance.now() - started) / 1000 }
}

/**
 * Runs steps in the order of the list, side by side as far as their weights fit into the cores and what they need is
 * done. A step heavier than the machine runs alone. What needs a failed step is not run and counts as failed.
 *
 * @param {readonly Step[]} steps
 * @param {object} options
 * @param {number} options.cores
 * @param {AbortSignal} [options.signal] when it fires, nothing more is started
 * @param {(step: Step) => void} [options.onStart]
 * @param {(report: Report) => void} [options.onEnd]
 * @returns {Promise<Report[]>}
 */
export async function schedule(steps, { cores, signal, onStart, onEnd }) {
  /** @type {Map<string, Report>} */
  const reports = new Map()
  /** @type {Map<string, Promise<void>>} */
  const running = new Map()
  let busy = 0
  const finish = (/** @type {Report} */ report) => {
    reports.set(report.name, report)
    onEnd?.(report)
  }
  const start = (/** @type {Step} */ step, /** @type {number} */ weight) => {
    busy += weight
    onStart?.(step)
    const ended = perform(step).then((report) => {
      busy -= weight
      running.delete(step.name)
      finish(report)
    })
    running.set(step.name, ended)
  }
  const waiting = [...steps]
  while (true) {
    for (let index = 0; index < waiting.length && !signal?.aborted; ) {
      const step = /** @type {Step} */ (waiting[index])
      const broken = step.needs.find((need) => (reports.get(need)?.failed ?? 0) > 0)
      const weight = Math.min(step.weight, cores)
      if (broken !== undefined)
        finish({
          name: step.name,
          seconds: 0,
          passed: 0,
          failed: 1,
          note: `not run: ${broken} failed`,
          blockedBy: broken,
        })
      else if (busy + weight <= cores && step.needs.every((need) => reports.has(need))) start(step, weight)
      else {
        index++
        continue
      }
      waiting.splice(index, 1)
    }
    if (running.size === 0) break
    await Promise.race(running.values())
  }
  return [...reports.values()]
}
