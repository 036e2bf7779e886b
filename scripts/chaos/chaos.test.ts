import { expect, it } from 'vitest'
import { missedGoals } from './report.mjs'
import { runChaos } from './run.mjs'

it('a short storm: no player sees an error of the cache, and Redis is used again after each fault', {
  timeout: 240_000,
}, async () => {
  // Durations are judged by `npm run chaos`: here they would tell how busy the machine is.
  const report = await runChaos({ seconds: 14, players: 8, processes: 2, short: true, strict: false })
  expect(report.missed).toEqual([])
  const dead = report.phases.filter(({ dead }) => dead)
  expect(dead.map(({ name }) => name)).toEqual([
    'connections to Redis cut and refused',
    'Redis paused',
    'Redis killed, then started again',
  ])
  for (const { requests } of report.phases) expect(requests).toBeGreaterThan(0)
})

/** A run without fault and complaint, of which a test spoils a part. */
const phase = {
  name: 'healthy',
  seconds: 1,
  fails: 'redis' as const,
  dead: false,
  requests: 100,
  errors: 0,
  late: 0,
  kinds: {},
  p50: 1,
  p99: 10,
  longest: 20,
  settledP99: 10,
  loads: 5,
  loadP99: 4,
  failovers: [],
  recoveredMs: 5,
  errorsAfter: 0,
  lateAfter: 0,
}
const dead = { ...phase, name: 'dead', dead: true, failovers: [{ noticedMs: 90, failoverMs: 82, how: 'silence' }] }
const good = {
  seconds: 2,
  players: 1,
  processes: 1,
  phases: [phase, dead],
  staleness: { said: 2, missingAtOnce: 0, longestMs: 100, neverSeen: 0, boundMs: 6_000 },
  heap: [{ beforeMb: 30, afterMb: 33 }],
  remoteErrors: 4,
  complaints: [],
  disorders: [],
}

it('a storm in which everything was as promised misses no goal', () => {
  expect(missedGoals(good, { strict: true })).toEqual([])
})

it.each([
  ['an error of a player', { phases: [{ ...phase, errors: 1 }, dead] }, 'healthy: players saw 1 errors'],
  [
    'an error after a fault',
    { phases: [phase, { ...dead, errorsAfter: 2 }] },
    'dead: players saw 2 errors after it was over',
  ],
  ['no recovery', { phases: [phase, { ...dead, recoveredMs: undefined }] }, 'dead: Redis was not used again in time'],
  [
    'a slow failover',
    { phases: [phase, { ...dead, failovers: [{ noticedMs: 1, failoverMs: 140, how: 'silence' }] }] },
    'dead: failing over took 140 ms',
  ],
  ['no failover', { phases: [phase, { ...dead, failovers: [] }] }, 'dead: no process gave Redis up'],
  [
    'a slow tail',
    { phases: [phase, { ...dead, settledP99: 29 }] },
    'dead: p99 29 ms, more than 28 (twice healthy, and two loads)',
  ],
  ['a growing heap', { heap: [{ beforeMb: 30, afterMb: 60 }] }, 'a heap grew from 30.0 to 60.0 MB'],
  [
    'a change that its maker did not see',
    { staleness: { ...good.staleness, missingAtOnce: 1 } },
    '1 changes were not seen at once by who had made them',
  ],
  [
    'a stale answer',
    { staleness: { ...good.staleness, longestMs: 6_500 } },
    'a change was not seen by the other process for 6500 ms, more than 6000',
  ],
  [
    'a complaint of the app',
    { complaints: ['a request failed: x'] },
    'the app logged 1 errors, the first: a request failed: x',
  ],
  [
    'a process that did not end',
    { disorders: ['an app process ended with SIGKILL'] },
    'an app process ended with SIGKILL',
  ],
])('a storm with %s misses a goal', (_, spoilt, goal) => {
  expect(missedGoals({ ...good, ...spoilt }, { strict: true })).toEqual([goal])
})

it('an answer that came too late counts only where durations are judged', () => {
  const report = { ...good, phases: [{ ...phase, errors: 2, late: 2 }, dead] }
  expect(missedGoals(report, { strict: false })).toEqual([])
  expect(missedGoals(report, { strict: true })).toEqual(['healthy: players saw 2 errors'])
})
