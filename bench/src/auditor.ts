import { setImmediate } from 'node:timers/promises'
import { createCache } from '@tableforge/cache'
import { audited, type ConsistencyReport, createConsistencyAuditor } from '@tableforge/cache/analytics'
import type { Suite } from './harness/suite.js'
import { table } from './harness/table.js'
import { environment } from './harness/versions.js'

const ENTRIES = 1_000
const CALLS = 50_000
const ROUNDS = 60
const WARM_UP_ROUNDS = 10
/** The event loop turns this often, as it does in a server: without a turn no question to the origin would be asked. */
const CALLS_PER_TURN = 500

interface Setting {
  readonly name: string
  readonly sample?: number
  /** Questions in any second; default: the auditor's own. */
  readonly maxPerSecond?: number
}

/** The first two differ in nothing: how far they are apart is how far this measurement can be trusted. */
const settings: readonly Setting[] = [
  { name: 'no auditor' },
  { name: 'no auditor, once more' },
  { name: 'sample 0.001', sample: 0.001 },
  { name: 'sample 0.01', sample: 0.01 },
  { name: 'sample 0.001, all asked', sample: 0.001, maxPerSecond: 10_000 },
  { name: 'sample 0.01, all asked', sample: 0.01, maxPerSecond: 10_000 },
]

interface Audited {
  readonly name: string
  readonly times: number[]
  read(id: string): Promise<unknown>
  report(): ConsistencyReport | undefined
  close(): Promise<void>
}

/** The cost of the consistency auditor on warm hits. */
export const auditor: Suite = {
  name: 'auditor',
  about: 'one warm hit without the consistency auditor, and with it at several rates',
  async run({ progress, rounds: asked, quick }) {
    const rounds = asked ?? (quick ? 3 : ROUNDS)
    const ids = Array.from({ length: ENTRIES }, (_, at) => `id ${at}`)
    const all = await Promise.all(settings.map((setting) => open(setting, ids)))
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`)
      for (let at = 0; at < all.length; at++) {
        const one = all[(at + round + WARM_UP_ROUNDS) % all.length] as Audited
        const nanoseconds = await measure(one, ids)
        if (round >= 0) one.times.push(nanoseconds)
      }
    }
    const results = all.map(({ name, times, report }) => {
      const { sampled, audited: count, dropped } = report() ?? { sampled: 0, audited: 0, dropped: 0 }
      return {
        name,
        median: quantile(times, 0.5),
        best: quantile(times, 0),
        sampled,
        audited: count,
        dropped,
        raw: times,
      }
    })
    await Promise.all(all.map(({ close }) => close()))
    const unit = 'nanoseconds of processor time per awaited hit, event loop turns and questions to the origin included'
    return {
      data: {
        suite: 'auditor',
        ...environment(),
        rounds,
        callsPerRound: CALLS,
        entries: ENTRIES,
        unit,
        results,
      },
      lines: [
        ...table([
          ['warm hit', 'median', 'best', 'sampled', 'asked about', 'dropped'],
          ...results.map((one) => [
            ...[one.name, `${one.median.toFixed(0)} ns`, `${one.best.toFixed(0)} ns`],
            ...[one.sampled, one.audited, one.dropped].map(String),
          ]),
        ]),
        '',
        `Processor time, not wall time. ${unit}.`,
      ],
    }
  },
}

async function open({ name, sample, maxPerSecond }: Setting, ids: readonly string[]): Promise<Audited> {
  const cache = createCache()
  await cache.ready()
  const load = async (id: string) => ({ id, version: 1 })
  const rows = cache.define('row', { key: (id: string) => id, load })
  await rows.getMany(ids)
  const source = { origin: load, version: (row: { version: number }) => row.version }
  const auditing =
    sample === undefined
      ? undefined
      : createConsistencyAuditor(cache, {
          definitions: [audited(rows, source)],
          sample,
          ...(maxPerSecond === undefined ? {} : { maxPerSecond, maxConcurrent: maxPerSecond }),
        })
  return {
    name,
    times: [],
    read: (id) => rows.get(id),
    report: () => auditing?.report(),
    async close() {
      await auditing?.stop()
      await cache.close()
    },
  }
}

async function measure({ read, report }: Audited, ids: readonly string[]): Promise<number> {
  const before = process.cpuUsage()
  for (let call = 0; call < CALLS; call++) {
    await read(ids[call % ids.length] as string)
    if (call % CALLS_PER_TURN === 0) await setImmediate()
  }
  while ((report()?.pending ?? 0) > 0) await setImmediate()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / CALLS
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
}
