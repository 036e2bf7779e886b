import { loadavg } from 'node:os'
import type { CaseData, ComparisonData, Role } from './comparison-data.js'
import { measureInterleaved } from './interleaved.js'
import { comparisonLines } from './report.js'
import { ratioOf, type Spread, significant } from './statistics.js'
import { type BenchContext, type Suite, type SuiteResult, UsageError } from './suite.js'
import { environment, versionsOf } from './versions.js'

/** Somebody who takes part in a case, open and warm. */
export interface Participant {
  readonly name: string
  /** `ours` is divided by everybody else; `floor` is the least that the work can cost. */
  readonly role: Role
  /** npm packages that it is made of; their versions go into the result. */
  readonly packages: readonly string[]
  /** Exactly how it was configured, as its documentation advises, in words. */
  readonly configuration: string
  /** One round: does the work and returns what it took, in the unit of the case. */
  measure(): Promise<number> | number
  close?(): Promise<unknown> | unknown
}

/** The same work, done by several. */
export interface Case {
  readonly name: string
  /** What is done, in one sentence. */
  readonly about: string
  /** Of what `measure` returns, such as `ns per hit` or `gets per second`. */
  readonly unit: string
  readonly better: 'lower' | 'higher'
  /**
   * What ours/theirs is to reach, by the name of a participant: at most where lower is better, otherwise at least.
   * Where several are ours, the goal holds for each, unless its key is `ours / theirs`.
   */
  readonly goals?: Readonly<Record<string, number>>
  /** Opens everybody and warms them up. They are closed when the case ends, also when it fails. */
  open(context: BenchContext): Promise<readonly Participant[]>
}

export interface ComparisonDefinition {
  readonly name: string
  readonly about: string
  /** Measured rounds; default 25. `--rounds` and `--quick` (3) override it. */
  readonly rounds?: number
  /** Rounds that do not count, before the others; default 5. */
  readonly warmUpRounds?: number
  readonly cases: readonly Case[]
}

/**
 * A suite of cases that are measured in interleaved rounds: in each, everybody does the same work once, beginning with
 * another one each time, so that neither drift nor order favours anybody. Where a case has several of ours, `ratios`
 * has a line for each, named `case, ours`.
 */
export function comparison(definition: ComparisonDefinition): Suite {
  const { name, about } = definition
  return { name, about, run: (context) => compare(definition, context) }
}

async function compare(definition: ComparisonDefinition, context: BenchContext): Promise<SuiteResult> {
  const { name: suite, cases, warmUpRounds = 5 } = definition
  const rounds = context.rounds ?? (context.quick ? 3 : (definition.rounds ?? 25))
  const { only } = context
  const chosen = only === undefined ? cases : cases.filter(({ name }) => name.includes(only))
  if (chosen.length === 0) {
    throw new UsageError(
      `--case: no case of ${suite} contains '${only}'; it has ${cases.map(({ name }) => name).join(', ')}`,
    )
  }
  const date = new Date().toISOString()
  const load = significant(loadavg()[0] ?? 0, 2)
  const measured: MeasuredCase[] = []
  for (const one of chosen) {
    measured.push(await measureCase(one, { rounds, warmUpRounds: context.quick ? 1 : warmUpRounds, suite, context }))
  }
  const packages = measured.flatMap(({ participants }) => participants.flatMap((each) => each.packages))
  const data: ComparisonData = {
    suite,
    ...environment(),
    date,
    load,
    rounds,
    versions: versionsOf(packages),
    ...ratiosOf(measured),
    cases: Object.fromEntries(measured.map((one) => [one.name, caseData(one)])),
    configurations: Object.fromEntries(
      measured.flatMap(({ participants }) => participants.map(({ name, configuration }) => [name, configuration])),
    ),
    raw: Object.fromEntries(measured.map(({ name, raw }) => [name, raw])),
  }
  return { data, lines: comparisonLines(data) }
}

interface MeasuredCase extends Case {
  readonly participants: readonly Participant[]
  readonly raw: Readonly<Record<string, readonly number[]>>
}

interface MeasureOptions {
  readonly rounds: number
  readonly warmUpRounds: number
  readonly suite: string
  readonly context: BenchContext
}

async function measureCase(one: Case, { rounds, warmUpRounds, suite, context }: MeasureOptions): Promise<MeasuredCase> {
  const progress = (what: string) => context.progress(`${suite}, ${one.name}: ${what}`)
  progress('opening')
  const participants = await one.open(context)
  try {
    const raw = await measureInterleaved(participants, { rounds, warmUpRounds, progress })
    return { ...one, participants, raw }
  } finally {
    for (const { close } of participants) await close?.()
  }
}

function ratiosOf(measured: readonly MeasuredCase[]): Pick<ComparisonData, 'ratios' | 'spreads'> {
  const ratios: Record<string, Record<string, number>> = {}
  const spreads: Record<string, Record<string, Spread>> = {}
  for (const { name, participants, raw } of measured) {
    const ours = participants.filter(({ role }) => role === 'ours')
    for (const mine of ours) {
      const line = ours.length === 1 ? name : `${name}, ${mine.name}`
      const against = participants
        .filter(({ role }) => role !== 'ours')
        .map((other) => [other.name, rounded(ratioOf(raw[mine.name] ?? [], raw[other.name] ?? []))] as const)
      spreads[line] = Object.fromEntries(against)
      ratios[line] = Object.fromEntries(against.map(([other, { median }]) => [other, median]))
    }
  }
  return { ratios, spreads }
}

function rounded({ median, low, high }: Spread): Spread {
  return { median: significant(median, 3), low: significant(low, 3), high: significant(high, 3) }
}

function caseData({ about, unit, better, participants, goals = {} }: MeasuredCase): CaseData {
  return { about, unit, better, roles: Object.fromEntries(participants.map(({ name, role }) => [name, role])), goals }
}
