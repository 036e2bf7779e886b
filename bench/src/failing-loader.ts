import { setTimeout as pause } from 'node:timers/promises'
import type { CacheNode, Contender } from './caches/contender.js'
import { contenders } from './caches/index.js'
import type { Suite } from './harness/suite.js'
import { table } from './harness/table.js'
import { environment, versionsOf } from './harness/versions.js'

const CALLERS = 20
/** What an attempt takes before it fails. */
const ATTEMPT_MS = 20
const ROUNDS = 5

interface Scenario {
  readonly name: string
  readonly about: string
  /** Between one caller and the next. */
  readonly apartMs: number
}

const scenarios: readonly Scenario[] = [
  {
    name: 'at once',
    about: `${CALLERS} callers ask at once for a key whose loader fails after ${ATTEMPT_MS} ms.`,
    apartMs: 0,
  },
  {
    name: 'one after the other',
    about: `${CALLERS} callers ask for it, each 3 ms after the one before: three attempts would do.`,
    apartMs: 3,
  },
]

/** A loader that always fails, and counts. */
class FailingOrigin {
  attempts = 0
  atOnce = 0
  mostAtOnce = 0

  readonly load = async (): Promise<string> => {
    this.attempts++
    this.atOnce++
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    await pause(ATTEMPT_MS)
    this.atOnce--
    throw new Error('the origin is down')
  }

  reset(): void {
    this.attempts = 0
    this.mostAtOnce = 0
  }
}

/** Medians over rounds. */
interface Outcome {
  readonly contender: string
  readonly scenario: string
  readonly attempts: number
  /** Attempts under way at the same time, at most. */
  readonly mostAtOnce: number
  /** Callers who were told. */
  readonly errors: number
  /** Until the last caller had an answer, in milliseconds. */
  readonly lastAnswerMs: number
  readonly raw: readonly { readonly attempts: number; readonly mostAtOnce: number; readonly lastAnswerMs: number }[]
}

async function ask(node: CacheNode, key: string, apartMs: number): Promise<{ errors: number; lastAnswerMs: number }> {
  const began = performance.now()
  const callers = Array.from({ length: CALLERS }, async (_, index) => {
    if (apartMs > 0) await pause(index * apartMs)
    return node.read(key)
  })
  const answers = await Promise.allSettled(callers)
  const errors = answers.filter(({ status }) => status === 'rejected').length
  return { errors, lastAnswerMs: performance.now() - began }
}

async function measure(contender: Contender, server: { host: string; port: number }): Promise<Outcome[]> {
  const origin = new FailingOrigin()
  const node = await contender.open({ ...server, namespace: 'failing-loader', load: origin.load })
  try {
    // Some connect when they are first asked.
    await ask(node, 'warm-up', 0)
    const outcomes: Outcome[] = []
    for (const { name, apartMs } of scenarios) {
      const raw: { attempts: number; mostAtOnce: number; lastAnswerMs: number }[] = []
      let errors = 0
      for (let round = 0; round < ROUNDS; round++) {
        origin.reset()
        const asked = await ask(node, `${name} ${round}`, apartMs)
        errors = asked.errors
        raw.push({ attempts: origin.attempts, mostAtOnce: origin.mostAtOnce, lastAnswerMs: asked.lastAnswerMs })
      }
      outcomes.push({
        contender: contender.name,
        scenario: name,
        attempts: median(raw.map((one) => one.attempts)),
        mostAtOnce: median(raw.map((one) => one.mostAtOnce)),
        errors,
        lastAnswerMs: Math.round(median(raw.map((one) => one.lastAnswerMs))),
        raw,
      })
    }
    return outcomes
  } finally {
    await node.close()
  }
}

export const failingLoader: Suite = {
  name: 'failing-loader',
  about: 'many callers of a loader that fails: how often and how many at a time it is tried',
  async run({ progress, redis }) {
    const server = await redis()
    const outcomes: Outcome[] = []
    for (const contender of contenders) {
      progress(contender.name)
      outcomes.push(...(await measure(contender, server)))
    }
    const versions = versionsOf(contenders.flatMap(({ packages }) => packages))
    const about = Object.fromEntries(scenarios.map((scenario) => [scenario.name, scenario.about]))
    const configurations = Object.fromEntries(contenders.map(({ name, configuration }) => [name, configuration]))
    const data = {
      suite: 'failing-loader',
      ...environment(),
      date: new Date().toISOString(),
      versions,
      rounds: ROUNDS,
      callers: CALLERS,
      attemptMs: ATTEMPT_MS,
      scenarios: about,
      configurations,
      outcomes,
    }
    return { data, lines: scenarios.flatMap((scenario) => section(scenario, outcomes, versions)) }
  },
}

function section(
  { name, about }: Scenario,
  outcomes: readonly Outcome[],
  versions: Readonly<Record<string, string>>,
): string[] {
  const rows = outcomes
    .filter(({ scenario }) => scenario === name)
    .map(({ contender, attempts, mostAtOnce, errors, lastAnswerMs }) => [
      `${contender} ${versions[contender] ?? ''}`,
      ...[attempts, mostAtOnce, errors].map(String),
      `${lastAnswerMs} ms`,
    ])
  const heading = ['cache', 'attempts', 'at a time', 'callers told', 'last answer after']
  return [name, about, '', ...table([heading, ...rows], 'figures'), '']
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
