import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type AuditFigures,
  audited,
  createConsistencyAuditor,
  type StalenessFinding,
  type TruthSource,
} from '../../src/analytics/index.js'
import { testCaches } from '../../src/testing/caches.js'

/**
 * The auditor against a model that knows everything: the whole history of the origin and of the cache. The model
 * predicts the verdict of each read by looking things up in these histories; besides, every finding is held against the
 * plain truth.
 */

interface Row {
  readonly version: number
  readonly changedAt: number
}

type Knowledge = 'counters' | 'versions' | 'times' | 'content'
type Action =
  | { readonly type: 'read' | 'invalidate'; readonly key: number; readonly afterMs: number }
  | { readonly type: 'write'; readonly key: number; readonly afterMs: number; readonly told: boolean }

interface Read {
  readonly key: number
  readonly at: number
  readonly served: Row
}

const WINDOWS = [1_000, 10_000, 60_000]
const KEYS = 2

const afterMs = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 3_000 }),
  fc.integer({ min: 0, max: 20_000 }),
)
const key = fc.nat({ max: KEYS - 1 })
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('read' as const), key, afterMs }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('write' as const), key, afterMs, told: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('invalidate' as const), key, afterMs }) },
)

/** What held a value, and from when. */
class Timeline<V> {
  readonly #changes: { readonly at: number; readonly value: V }[] = []

  set(at: number, value: V): void {
    this.#changes.push({ at, value })
  }

  at(time: number): V | undefined {
    return this.#changes.findLast(({ at }) => at <= time)?.value
  }
}

class World {
  readonly caches = testCaches()
  readonly origin = Array.from({ length: KEYS }, () => new Timeline<Row>())
  readonly cached = Array.from({ length: KEYS }, () => new Timeline<Row | undefined>())
  readonly reads: Read[] = []
  readonly findings: { readonly finding: StalenessFinding; readonly toldAt: number }[] = []

  constructor(
    readonly knowledge: Knowledge,
    readonly latencyMs: number,
  ) {
    for (const rows of this.origin) rows.set(0, { version: 1, changedAt: 0 })
  }

  now(): number {
    return this.caches.clock.now()
  }

  row(of: number, at = this.now()): Row {
    return this.origin[of]?.at(at) as Row
  }

  source(): TruthSource<[number], Row> {
    const origin = async (of: number) => {
      if (this.latencyMs > 0) await this.caches.after(this.latencyMs, undefined)
      return this.row(of)
    }
    const version = (row: Row) => row.version
    const changedAt = (row: Row) => row.changedAt
    switch (this.knowledge) {
      case 'counters':
        return { origin, version, changedAt }
      case 'versions':
        return { origin, version }
      case 'times':
        return { origin, changedAt }
      case 'content':
        return { origin }
    }
  }

  async run(actions: readonly Action[]): Promise<AuditFigures> {
    const { clock } = this.caches
    const cache = await this.caches.open({ memory: { ttl: '1d' } })
    const rows = cache.define('row', { key: (of: number) => String(of), load: (of) => this.row(of), ttl: '1d' })
    const auditor = createConsistencyAuditor(cache, {
      definitions: [audited(rows, this.source())],
      sample: 1,
      windows: WINDOWS,
      maxPerSecond: 10_000,
      maxConcurrent: 10_000,
      onFinding: (finding) => this.findings.push({ finding, toldAt: this.now() }),
      clock,
    })
    for (const [index, one] of actions.entries()) {
      // No two actions, and nothing that the auditor does about them, happen at one moment.
      const next = Math.floor(this.now()) + 1 + one.afterMs + (index + 1) / 1_024
      await clock.advance(next - this.now())
      const of = one.key
      if (one.type === 'read') {
        const served = await this.caches.settle(rows.get(of))
        this.reads.push({ key: of, at: this.now(), served })
        this.cached[of]?.set(this.now(), served)
        continue
      }
      if (one.type === 'write')
        this.origin[of]?.set(this.now(), { version: this.row(of).version + 1, changedAt: this.now() })
      if (one.type === 'invalidate' || (one.type === 'write' && one.told)) {
        await this.caches.settle(rows.invalidate(of))
        this.cached[of]?.set(this.now(), undefined)
      }
    }
    await clock.advance(70_000)
    const report = auditor.report()
    await auditor.stop()
    await this.caches.close()
    return report
  }

  /** How many windows the model says that a read must be found to exceed, and whether exactly. */
  predict({ key: of, at, served }: Read): {
    readonly windows: number
    readonly exact: boolean
    readonly overtaken: boolean
  } {
    const knownAt = at + this.latencyMs
    const truth = this.row(of, knownAt)
    if (truth.version === served.version) return { windows: 0, exact: false, overtaken: false }
    const timed = this.knowledge === 'counters' || this.knowledge === 'times'
    const age = timed ? at - truth.changedAt : 0
    const exact = this.knowledge === 'counters' && truth.version === served.version + 1
    let windows = age > 0 ? WINDOWS.filter((ms) => age >= ms).length : 0
    if (!exact) {
      for (; windows < WINDOWS.length; windows++) {
        const lookedAt = knownAt + (WINDOWS[windows] as number)
        const held = this.cached[of]?.at(lookedAt)
        const ordered = this.knowledge !== 'content'
        if (held === undefined || !(ordered ? held.version < truth.version : held.version === served.version)) break
        const again = this.row(of, lookedAt + this.latencyMs)
        if (again.version === held.version) break
        if (age > 0 && again.changedAt === truth.changedAt) break
      }
    }
    return { windows, exact, overtaken: windows === 0 && age <= 0 }
  }

  /** When the value that a read was given had been replaced in the origin. */
  replacedAt({ key: of, served }: Read): number {
    for (const { at } of this.#writesOf(of)) if (this.row(of, at).version === served.version + 1) return at
    return Number.POSITIVE_INFINITY
  }

  #writesOf(of: number): readonly { readonly at: number }[] {
    const rows: { at: number }[] = []
    for (let row = this.row(of); row.version > 1; row = this.row(of, row.changedAt - 2 ** -11))
      rows.unshift({ at: row.changedAt })
    return rows
  }
}

it('counts reads as old exactly as a model does that knows the whole history, and never claims what is not true', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Knowledge>('counters', 'versions', 'times', 'content'),
      fc.constantFrom(0, 3, 900),
      fc.array(action, { minLength: 5, maxLength: 60 }),
      async (knowledge, latencyMs, actions) => {
        const world = new World(knowledge, latencyMs)
        const report = await world.run(actions)
        const verdicts = world.reads.map((read) => world.predict(read))

        expect(report).toMatchObject({ sampled: world.reads.length, audited: world.reads.length, pending: 0, newer: 0 })
        expect(report.overtaken).toBe(verdicts.filter(({ overtaken }) => overtaken).length)
        for (const [index, { stale, exact }] of report.windows.entries()) {
          const older = verdicts.filter(({ windows }) => windows > index)
          expect({ stale, exact }).toEqual({ stale: older.length, exact: older.filter((one) => one.exact).length })
        }

        for (const { finding, toldAt } of world.findings) {
          const read = world.reads.find(
            ({ at, key: of }) => at === finding.readAt && `row:${of}` === finding.key,
          ) as Read
          const replacedAt = world.replacedAt(read)
          if (finding.exactness === 'exact') expect(finding.ageMs).toBe(finding.readAt - replacedAt)
          // The cache was looked at before the origin was asked the last time.
          else expect(finding.ageMs).toBeLessThanOrEqual(toldAt - latencyMs - replacedAt)
        }
      },
    ),
    { numRuns: 300 },
  )
})

it('finds nothing when every change is announced', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Knowledge>('counters', 'versions', 'times', 'content'),
      fc.constantFrom(0, 3, 900),
      fc.array(action, { minLength: 5, maxLength: 60 }),
      async (knowledge, latencyMs, actions) => {
        const world = new World(knowledge, latencyMs)
        const report = await world.run(actions.map((one) => (one.type === 'write' ? { ...one, told: true } : one)))
        expect(world.findings).toEqual([])
        expect(report.windows.map(({ stale }) => stale)).toEqual([0, 0, 0])
        expect(report.audited).toBe(world.reads.length)
      },
    ),
    { numRuns: 150 },
  )
})
