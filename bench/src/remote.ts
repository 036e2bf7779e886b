import { type Case, comparison } from './harness/comparison.js'
import { everybodyAlone, WHAT_IS_READ } from './remote-processes.js'

/** Reads that memory cannot answer and Redis can. */
export const remote = comparison({
  name: 'remote',
  about: 'reads that memory cannot answer and Redis can, 1, 32 and 256 at a time, against others and plain GET',
  rounds: 21,
  // Until then parts of what is measured are not compiled yet.
  warmUpRounds: 12,
  cases: [readsAtATime(1, 0.95), readsAtATime(32, 2), readsAtATime(256, 2.5)],
})

function readsAtATime(readers: number, goal: number): Case {
  return {
    name: `${readers} at a time`,
    about: `${WHAT_IS_READ}, ${readers === 1 ? 'one reader that awaits its value' : `${readers} readers that each await their value`}; each cache in a process of its own`,
    unit: 'gets per second',
    better: 'higher',
    goals: { 'ioredis GET + JSON.parse': goal },
    open: async ({ redis }) =>
      everybodyAlone(
        await redis(),
        `remote-${readers}`,
        { readers, keysAtOnce: 1 },
        (nanoseconds) => 1e9 / nanoseconds,
      ),
  }
}
