import { setImmediate } from 'node:timers/promises'
import { createCache } from '@tableforge/cache'
import { audited, createConsistencyAuditor } from '@tableforge/cache/analytics'
import { type Case, comparison, type Participant } from './harness/comparison.js'

const ENTRIES = 1_000
const CALLS = 50_000
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

const warmHit: Case = {
  name: 'audited warm hit',
  about: `one warm hit of a definition of ${ENTRIES.toLocaleString('en')} entries in processor time, event loop turns and questions to the origin included`,
  unit: 'ns of processor time per awaited hit',
  better: 'lower',
  open() {
    const ids = Array.from({ length: ENTRIES }, (_, at) => `id ${at}`)
    return Promise.all(settings.map((setting) => open(setting, ids)))
  },
}

/** The cost of the consistency auditor on warm hits. */
export const auditor = comparison({
  name: 'auditor',
  about: 'one warm hit without the consistency auditor, and with it at several rates',
  rounds: 60,
  warmUpRounds: 10,
  cases: [warmHit],
})

async function open({ name, sample, maxPerSecond }: Setting, ids: readonly string[]): Promise<Participant> {
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
    role: name === 'no auditor' ? 'floor' : 'ours',
    packages: ['@tableforge/cache'],
    configuration:
      sample === undefined ? 'createCache()' : `createConsistencyAuditor(cache, { ${options(sample, maxPerSecond)} })`,
    async measure() {
      const before = process.cpuUsage()
      for (let call = 0; call < CALLS; call++) {
        await rows.get(ids[call % ids.length] as string)
        if (call % CALLS_PER_TURN === 0) await setImmediate()
      }
      while ((auditing?.report().pending ?? 0) > 0) await setImmediate()
      const { user, system } = process.cpuUsage(before)
      return ((user + system) * 1_000) / CALLS
    },
    async close() {
      await auditing?.stop()
      await cache.close()
    },
  }
}

function options(sample: number, maxPerSecond: number | undefined): string {
  return `sample: ${sample}${maxPerSecond === undefined ? '' : `, maxPerSecond: ${maxPerSecond}, maxConcurrent: ${maxPerSecond}`}`
}
