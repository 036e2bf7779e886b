import type { Case } from './harness/comparison.js'
import { everybodyAlone, WHAT_IS_READ } from './remote-processes.js'

const BATCH = 100

/** Bulk reads that memory cannot answer and Redis can. */
export const inRedis: Case = {
  name: `getMany of ${BATCH} in Redis`,
  about: `one awaited bulk read of ${BATCH} keys: ${WHAT_IS_READ}; each cache in a process of its own`,
  unit: 'us per awaited bulk read',
  better: 'lower',
  // 700 us where layered-loader takes 1,354.
  goals: { 'layered-loader': 0.52 },
  open: async ({ redis }) =>
    everybodyAlone(await redis(), 'batch', { readers: 1, keysAtOnce: BATCH }, (nanoseconds) => nanoseconds / 1_000),
}
