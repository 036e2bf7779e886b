import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '../services/postgres.mjs'
import { startRedis } from '../services/redis.mjs'
import { startProxy } from '../services/tcp-proxy.mjs'
import { App } from './app.mjs'
import { observe } from './observer.mjs'
import { phases as allPhases } from './phases.mjs'
import { seatPlayers } from './players.mjs'
import { missedGoals } from './report.mjs'

/**
 * @typedef {object} ChaosOptions
 * @property {number} seconds
 * @property {number} [players] default 24
 * @property {number} [processes] of the app; default 2
 * @property {number} [thinkingMs] mean pause of a player; default 250
 * @property {boolean} [short] only the phases that matter most
 * @property {boolean} [strict] durations are judged too; default true
 * @property {(line: string) => void} [progress]
 */

/**
 * The bound of a cache whose `maxStaleness` is not set, and what looking takes; on a busy machine a look may take long.
 */
const STALENESS_BOUND_MS = 6_000
const LENIENT_BOUND_MS = 20_000
/** The share of the time in which everything works again between two phases, and what recovery may take at most. */
const PEACE = 0.35
const RECOVERY_DEADLINE_MS = 30_000
const POLL_MS = 20
/** In which the processes find out that Redis is gone. */
const FAILOVER_WINDOW_MS = 250
/** In which a connection pool notices that its connections to the database were cut. */
const POOL_RECOVERY_MS = 1_000

/**
 * Runs TableForge under load while Redis and the database fail.
 *
 * @param {ChaosOptions} options
 * @returns {Promise<import('./report.mjs').ChaosReport>}
 */
export async function runChaos({
  seconds,
  players = 24,
  processes = 2,
  thinkingMs = 250,
  short = false,
  strict = true,
  progress = () => undefined,
}) {
  /** @type {(() => Promise<unknown>)[]} */
  const closers = []
  /** @template {{ stop(): Promise<unknown> }} T @param {Promise<T>} starting */
  const own = async (starting) => {
    const service = await starting
    closers.unshift(() => service.stop())
    return service
  }
  const server = await own(startRedis())
  const redis = await own(startProxy(server))
  const postgres = await own(startPostgres())
  const database = await own(startProxy({ host: '127.0.0.1', port: postgres.port }))
  const scene = { server, redis, database }
  const env = {
    PORT: '0',
    BOTS: '0',
    REDIS_URL: redis.url,
    DATABASE_URL: `postgres://postgres@127.0.0.1:${database.port}/postgres`,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    CACHE_ENV: 'production',
    CACHE_NAMESPACE: 'chaos',
  }
  const apps = Array.from({ length: processes }, () => new App(env))
  const over = new AbortController()
  /** @type {import('./players.mjs').Asked[]} */
  const asked = []
  const note = (/** @type {import('./players.mjs').Asked} */ one) => void asked.push(one)
  /** @type {string[]} */
  const disorders = []
  /** @type {import('./report.mjs').PhaseReport[]} */
  const reports = []
  /** @type {string[]} */
  const complaints = []
  try {
    await Promise.all(apps.map((app) => app.ready()))
    const urls = apps.map(({ url }) => url)
    const leave = await seatPlayers({ urls, count: players, thinkingMs, note })
    const { seen, ended } = await observe({
      urls,
      signal: over.signal,
      note: (one) => over.signal.aborted || note(one),
    })
    // Until most of what is asked for has been asked before.
    await pause(Math.min(5_000, seconds * 100))
    const before = await Promise.all(apps.map((app) => app.figures({ collect: true })))
    const chosen = allPhases.filter((phase) => !short || phase.short)
    const weight = chosen.reduce((sum, phase) => sum + phase.weight, 0)
    const began = performance.now()
    for (const phase of chosen) {
      progress(phase.name)
      const phaseMs = ((seconds * 1_000) / weight) * phase.weight
      const { complained, ...report } = await runPhase(phase, phaseMs, { scene, apps, asked })
      reports.push(report)
      if (phase.fails !== 'database') complaints.push(...complained)
    }
    const took = (performance.now() - began) / 1_000
    over.abort()
    await Promise.all([leave(), ended])
    const after = await Promise.all(apps.map((app) => app.figures({ collect: true })))
    const measured = {
      seconds: took,
      players,
      processes,
      phases: reports,
      staleness: { ...seen, boundMs: strict ? STALENESS_BOUND_MS : LENIENT_BOUND_MS },
      heap: after.map(({ heapUsed }, at) => ({ beforeMb: (before[at]?.heapUsed ?? 0) / 1e6, afterMb: heapUsed / 1e6 })),
      remoteErrors: after.reduce((sum, { remoteErrors }) => sum + remoteErrors, 0),
      complaints,
    }
    for (const app of apps) {
      const disorder = await app.stop()
      if (disorder !== undefined) disorders.push(disorder)
    }
    const report = { ...measured, disorders }
    return { ...report, missed: missedGoals(report, { strict }) }
  } finally {
    over.abort()
    redis.heal()
    database.heal()
    await Promise.all(apps.map((app) => app.stop()))
    for (const close of closers) await close()
  }
}

/**
 * @param {import('./phases.mjs').Phase} phase @param {number} phaseMs
 * @param {{ scene: import('./phases.mjs').Scene, apps: readonly App[], asked: import('./players.mjs').Asked[] }} world
 */
async function runPhase(phase, phaseMs, { scene, apps, asked }) {
  // What was loaded and complained about before is none of this phase's.
  await Promise.all(apps.map((app) => app.figures()))
  for (const app of apps) app.notices.length = 0
  asked.length = 0
  const from = performance.now()
  const fromShared = Number(process.hrtime.bigint()) / 1e6
  await phase.begin(scene)
  await pause(phaseMs * (1 - PEACE))
  const failovers = apps.flatMap((app) => failoverOf(app.notices, fromShared))
  await phase.end(scene)
  const to = performance.now()
  const recoveredMs = await recovery(apps, to)
  // Requests that began in the phase end by now, or have waited for longer than anybody should.
  await pause(phaseMs * PEACE)
  const figures = await Promise.all(apps.map((app) => app.figures()))
  const during = asked.filter(({ began }) => began < to)
  const peaceFrom = phase.fails === 'database' ? to + POOL_RECOVERY_MS : to
  const afterwards = asked.filter(({ began }) => began >= peaceFrom)
  const settled = during.filter(({ began }) => began >= from + FAILOVER_WINDOW_MS)
  const loads = figures.flatMap((figure) => figure.loads)
  const durations = during.map(({ durationMs }) => durationMs)
  /** @type {Record<string, number>} */
  const kinds = {}
  for (const { name, error } of [...during, ...afterwards]) {
    if (error !== undefined) kinds[`${name}: ${error}`] = (kinds[`${name}: ${error}`] ?? 0) + 1
  }
  return {
    name: phase.name,
    seconds: (to - from) / 1_000,
    fails: phase.fails,
    dead: phase.dead ?? false,
    requests: during.length,
    errors: during.filter(({ error }) => error !== undefined).length,
    late: during.filter(isLate).length,
    kinds,
    p50: quantile(durations, 0.5),
    p99: quantile(durations, 0.99),
    longest: quantile(durations, 1),
    settledP99: quantile(
      settled.map(({ durationMs }) => durationMs),
      0.99,
    ),
    loads: loads.length,
    loadP99: quantile(loads, 0.99),
    failovers,
    recoveredMs,
    errorsAfter: afterwards.filter(({ error }) => error !== undefined).length,
    lateAfter: afterwards.filter(isLate).length,
    complained: figures.flatMap(({ complaints }) => complaints),
  }
}

/** @param {import('./players.mjs').Asked} asked */
function isLate({ error }) {
  return error !== undefined && /timed? ?out|timeout/i.test(error)
}

/** When a process first gave Redis up. @param {readonly import('./app.mjs').Notice[]} notices @param {number} since */
function failoverOf(notices, since) {
  const first = notices.find(({ state }) => state === 'open' || state === 'down')
  if (first === undefined) return []
  const noticedMs = first.at - since
  return first.type === 'remote'
    ? [{ noticedMs, failoverMs: 0, how: 'connection lost' }]
    : [{ noticedMs, failoverMs: first.afterMs, how: first.reason }]
}

/**
 * Until every process uses Redis again and has sent what it had to say.
 *
 * @param {readonly App[]} apps
 * @param {number} since
 */
async function recovery(apps, since) {
  while (performance.now() - since < RECOVERY_DEADLINE_MS) {
    const figures = await Promise.all(apps.map((app) => app.figures()))
    if (figures.every(({ whole }) => whole)) return performance.now() - since
    await pause(POLL_MS)
  }
  return undefined
}

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
