import { fileURLToPath } from 'node:url'
import type { MemoryPolicy } from '@tableforge/cache/testing'
import type { EngineReady, EngineSettings } from './engine-messages.js'
import { type EngineWork, SKEW } from './engine-work.js'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import { ServiceProcess } from './harness/processes.js'

const PROCESS = fileURLToPath(new URL('./engine-process.js', import.meta.url))
/** Large ones take long to fill. */
const ROUNDS_OF_A_PROCESS = { small: 1, large: 3 } as const
const LARGE = 100_000

const WORK: readonly { name: string; about: string; work: EngineWork }[] = [
  { name: 'hit', about: 'one get of a key that is there, in random order', work: 'hit' },
  {
    name: 'set with eviction',
    about: 'one set in a full store, of twice as many keys as it can hold, one after the other, round and round',
    work: 'churn',
  },
  {
    name: 'Zipf mix',
    about: `one get, and a set if that missed, of keys with a Zipf distribution (${SKEW}) over twice the capacity`,
    work: 'mix',
  },
]

const POLICIES: readonly MemoryPolicy[] = ['adaptive', 'lru', 'fifo', 'sieve', 's3-fifo']

function caseOf(policy: MemoryPolicy, entries: number, { name, about, work }: (typeof WORK)[number]): Case {
  return {
    name: `${name}, ${entries.toLocaleString('en')}, ${policy}`,
    about: `${about}; ${entries.toLocaleString('en')} entries with a ttl; each engine in processes of its own`,
    unit: 'ns',
    better: 'lower',
    goals: { 'lru-cache': policy === 'adaptive' ? 1 : 0.9 },
    open: async () => [
      await alone('ours', { engine: policy, entries, work }),
      await alone('rival', { engine: 'lru-cache', entries, work }),
    ],
  }
}

/**
 * An engine in a process of its own, as an application has one store with one policy, and in a new one every few
 * rounds: what V8 makes of the same code, and where things come to lie in memory, differs from process to process by
 * more than what is compared.
 */
async function alone(role: Participant['role'], settings: EngineSettings): Promise<Participant> {
  const start = async () => {
    const [started] = await ServiceProcess.startAll<EngineSettings, EngineReady, object, number>(PROCESS, [settings])
    return started!
  }
  let current = await start()
  const roundsEach = ROUNDS_OF_A_PROCESS[settings.entries < LARGE ? 'small' : 'large']
  let rounds = 0
  return {
    ...current.ready,
    role,
    async measure() {
      if (rounds > 0 && rounds % roundsEach === 0) {
        await current.end()
        current = await start()
      }
      rounds++
      return current.ask({})
    },
    close: () => current.end(),
  }
}

const longestStall: Case = {
  ...caseOf('adaptive', 1_000_000, {
    name: 'longest stall',
    about: 'the slowest 1,000 sets in a row of 2,000,000 in a full store',
    work: 'stall',
  }),
  unit: 'ms',
  goals: { 'lru-cache': 0.1 },
}

/** The memory tier alone, under each policy, against lru-cache. */
export const engine = comparison({
  name: 'engine',
  about: 'the memory tier alone, by policy, against lru-cache: hits, sets with eviction, a Zipf mix, the longest stall',
  rounds: 9,
  // Processes warm themselves up.
  warmUpRounds: 0,
  cases: [
    ...POLICIES.flatMap((policy) => WORK.map((work) => caseOf(policy, 10_000, work))),
    ...WORK.map((work) => caseOf('adaptive', 1_000_000, work)),
    ...WORK.map((work) => caseOf('sieve', 1_000_000, work)),
    longestStall,
  ],
})
