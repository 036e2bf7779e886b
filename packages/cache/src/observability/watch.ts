import { CacheError, invalidOption } from '../errors.js'
import type { BypassedTier, CacheEvents } from '../events.js'
import type { Board, Clock, Logger, MemoryTier, Timer } from '../ports.js'
import type { SampledRead } from '../read-sampling.js'
import type { CacheHealth } from '../stats.js'
import type { BypassTold } from '../tiers.js'
import type { Duration } from '../units.js'
import type {
  AlertsView,
  FiguresQuery,
  Fleet,
  FleetBypass,
  FleetBypassRequest,
  HeavyHitters,
  HeavyHittersQuery,
  HistoryQuery,
  HistorySeries,
  Report,
  ReportQuery,
  Resolution,
  Scope,
  Silence,
  SilenceRequest,
  Trend,
  Watching,
  WindowFigures,
} from '../watching.js'
import { builtInRules } from './alerts/built-in-rules.js'
import { AlertJudge } from './alerts/judge.js'
import type { Fetch } from './alerts/webhook.js'
import type { CacheCounters } from './counters.js'
import { FleetBypasses } from './fleet-bypass.js'
import { FleetProfile, KEYS_TOPIC } from './heavy-hitters/fleet-profile.js'
import { seriesColumns } from './history/columns.js'
import { FleetHistory } from './history/fleet-history.js'
import { type LoadedHistory, shapeFor } from './history/loaded-history.js'
import { patientBoard } from './history/patient-board.js'
import {
  FLEET_TOPIC,
  fleetOf,
  type Presence,
  type PresentStats,
  packPresence,
  presenceOf,
  unpackPresence,
} from './history/presence.js'
import { Publisher } from './history/publisher.js'
import { Sampler } from './history/sampler.js'
import { trendsOf } from './history/trends.js'
import { checkQuery, checkTier, fleetBypassOf, reportQueryOf, silenceOf, windowOf } from './requests.js'
import { LONGEST_WINDOW_MS, type ResolvedWatchOptions } from './resolve-watch-options.js'
import { burnRateRules } from './slo/burn-rate-rule.js'
import { judgeObjective } from './slo/objectives.js'
import { VERSION } from './version.js'
import { windowFigures } from './window-stats.js'

/** What is watched. */
export interface WatchedCache {
  readonly namespace: string
  readonly node: string
  readonly clock: Clock
  readonly logger: Logger
  readonly counters: CacheCounters
  readonly events: Pick<CacheEvents, 'on'>
  readonly memory: Pick<MemoryTier, 'entries' | 'bytesOf'>
  /** Where processes of the namespace find each other; `undefined` when the remote tier has none. */
  readonly board: Board | undefined
  /** `cache.stats()` without what takes long to add up. */
  readonly process: () => PresentStats
  readonly health: () => Promise<CacheHealth>
  readonly sampleReads: (share: number, listener: (read: SampledRead) => void) => () => void
  readonly definitionOf: (key: string) => string
  readonly bypass: (tier: BypassedTier, on: boolean, told: BypassTold) => void
  readonly fetch: Fetch
}

const ALL: readonly Resolution[] = ['1s', '10s', '5m']
/** Reading a week of figures of a large fleet is allowed to take a while. */
const BOARD_DEADLINE_MS = 5_000
const CLOSE_DEADLINE_MS = 1_500

/**
 * Everything that is known of a cache over time, put together: {@link Watching} for a cache whose options ask for it.
 */
export class Watch implements Watching {
  readonly enabled = true
  readonly #cache: WatchedCache
  readonly #options: ResolvedWatchOptions
  readonly #board: Board | undefined
  readonly #sampler: Sampler
  readonly #history: FleetHistory
  readonly #publisher: Publisher | undefined
  readonly #judge: AlertJudge | undefined
  readonly #bypasses: FleetBypasses
  readonly #profile: FleetProfile | undefined
  #judged: LoadedHistory | undefined

  constructor(cache: WatchedCache, options: ResolvedWatchOptions) {
    const { clock, counters, logger, node } = cache
    const { publishMs } = options
    this.#cache = cache
    this.#options = options
    this.#board = cache.board && patientBoard(cache.board, clock, BOARD_DEADLINE_MS)
    this.#sampler = new Sampler({
      counters,
      process: cache.process,
      clock,
      failed: (error) => logger.error({ err: error }, 'figures could not be sampled'),
    })
    this.#history = new FleetHistory({
      board: this.#board,
      node,
      clock,
      sampler: this.#sampler,
      lateMs: 2 * (publishMs || 0) + 5_000,
      skipped: (topic, name, error) => logger.debug({ topic, node: name, err: error }, 'figures could not be read'),
    })
    this.#bypasses = new FleetBypasses({ board: this.#board, clock, logger, apply: cache.bypass })
    this.#profile = this.#createProfile()
    if (this.#board !== undefined && publishMs !== false) {
      const profile = this.#profile
      this.#publisher = new Publisher({
        board: this.#board,
        node,
        clock,
        intervalMs: publishMs,
        sampler: this.#sampler,
        parts: {
          [FLEET_TOPIC]: async () => packPresence(await this.#presence()),
          ...(profile && { [KEYS_TOPIC]: () => profile.packed() }),
        },
        failed: (error) => logger.debug({ err: error }, 'figures could not be published'),
      })
    }
    this.#judge = this.#createJudge()
  }

  async figures(query: FiguresQuery): Promise<WindowFigures> {
    checkQuery('figures', query, ['window', 'scope'])
    const { window, scope = 'fleet' } = query
    const windowMs = windowOf('window', window)
    return windowFigures((await this.#load(scope, [shapeFor(windowMs).resolution], windowMs)).over(windowMs))
  }

  async history(query: HistoryQuery): Promise<HistorySeries> {
    checkQuery('history', query, ['resolution', 'scope', 'since'])
    const { resolution, scope = 'fleet', since } = query
    if (!ALL.includes(resolution)) throw invalidOption('resolution', resolution, "'1s', '10s' or '5m'")
    return seriesColumns(await this.#load(scope, [resolution], undefined, since), resolution, since)
  }

  async trends(query: { scope?: Scope; definition?: string } = {}): Promise<readonly Trend[]> {
    checkQuery('trends', query, ['scope', 'definition'])
    const { scope = 'fleet', definition } = query
    return trendsOf(await this.#load(scope, ['5m']), definition)
  }

  async fleet(): Promise<Fleet> {
    const { node, clock } = this.#cache
    const own = await this.#presence()
    let others: Presence[] = []
    let complete = this.#board !== undefined
    try {
      const [parts] = (await this.#board?.read([FLEET_TOPIC])) ?? []
      others = [...(parts ?? [])].flatMap(([name, bytes]) => (name === node ? [] : this.#readPresence(name, bytes)))
    } catch (error) {
      this.#cache.logger.debug({ err: error }, 'the fleet could not be read')
      complete = false
    }
    return { at: clock.now(), complete, ...fleetOf([own, ...others], node), bypasses: this.#bypasses.active }
  }

  async alerts(): Promise<AlertsView> {
    return this.#alertJudge().view()
  }

  async judge(): Promise<void> {
    await this.#alertJudge().judge()
  }

  async silence(request: SilenceRequest): Promise<Silence> {
    return this.#alertJudge().silence(silenceOf(request, this.#cache.clock.now()))
  }

  async unsilence(id: string): Promise<void> {
    // It becomes a name on the board.
    if (!/^[0-9a-f]{16}$/.test(id)) throw invalidOption('unsilence.id', id, 'the id of a silence')
    await this.#alertJudge().unsilence(id)
  }

  async bypass(request: FleetBypassRequest): Promise<FleetBypass> {
    const bypass = fleetBypassOf(request, this.#cache.clock.now())
    await this.#bypasses.begin(bypass)
    return bypass
  }

  async endBypass(tier: FleetBypass['tier']): Promise<void> {
    checkTier(tier)
    await this.#bypasses.end(tier)
  }

  async report(query: ReportQuery | Duration = {}): Promise<Report> {
    const { window, scope = 'fleet' } = reportQueryOf(query)
    const windowMs = window === undefined ? undefined : windowOf('window', window)
    const history = await this.#load(scope, ALL)
    const objectives = this.#options.objectives.map((objective) =>
      judgeObjective(objective, history, windowMs ?? objective.windowMs),
    )
    const judged = objectives.filter(({ met }) => met !== null)
    return {
      figures: windowFigures(history.over(windowMs ?? LONGEST_WINDOW_MS)),
      objectives,
      compliance: judged.length === 0 ? 1 : judged.filter(({ met }) => met).length / judged.length,
    }
  }

  async heavyHitters(query: HeavyHittersQuery): Promise<HeavyHitters> {
    if (this.#profile === undefined) throw notWatched('heavyHitters')
    checkQuery('heavyHitters', query, ['by', 'limit', 'definition', 'scope'])
    return this.#profile.top(query)
  }

  /** Does not wait long for a backend that is silent: a shutdown must end. */
  async close(): Promise<void> {
    const { clock } = this.#cache
    this.#sampler.stop()
    this.#bypasses.stop()
    this.#profile?.close()
    let timer: Timer
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, CLOSE_DEADLINE_MS)
    })
    const stopped = Promise.all([this.#judge?.close(), this.#publisher?.stop()]).then(() => undefined)
    await Promise.race([stopped, late])
    clock.clearTimeout(timer)
  }

  #createProfile(): FleetProfile | undefined {
    const { node, logger } = this.#cache
    const { heavyHitters } = this.#options
    if (heavyHitters === undefined) return undefined
    return new FleetProfile({
      board: this.#board,
      node,
      keys: heavyHitters,
      sources: this.#cache,
      skipped: (name, error) => logger.debug({ node: name, err: error }, 'busiest keys could not be read'),
    })
  }

  #createJudge(): AlertJudge | undefined {
    const { alerts, objectives } = this.#options
    if (alerts === undefined) return undefined
    const { namespace, node, clock, logger, process: processFigures, fetch } = this.#cache
    const budgets = alerts.burnRates ? burnRateRules(objectives, () => this.#judged, alerts.minReads) : []
    const rules = [...builtInRules(alerts), ...budgets, ...alerts.rules]
    return new AlertJudge({
      ...alerts,
      namespace,
      node,
      clock,
      logger,
      fetch,
      rules,
      // A process that publishes nothing cannot judge for the others.
      board: this.#options.publishMs === false ? undefined : this.#board,
      fleet: () => this.#history.fleet(ALL),
      own: () => this.#history.node(node, ALL),
      loaded: (history) => {
        this.#judged = history
      },
      unconfirmedMs: () => {
        const { log, uptimeMs } = processFigures()
        return Math.min(log.unconfirmedMs, uptimeMs)
      },
    })
  }

  #alertJudge(): AlertJudge {
    if (this.#judge === undefined) throw notWatched('alerts')
    return this.#judge
  }

  async #presence(): Promise<Presence> {
    const { process: processFigures, health, counters } = this.#cache
    const state = await health()
    return presenceOf(processFigures(), state, VERSION, counters)
  }

  #readPresence(name: string, bytes: Uint8Array): Presence[] {
    try {
      return [unpackPresence(bytes)]
    } catch (error) {
      this.#cache.logger.debug({ node: name, err: error }, 'what a process says of itself could not be read')
      return []
    }
  }

  #load(scope: Scope, resolutions: readonly Resolution[], windowMs?: number, since?: number): Promise<LoadedHistory> {
    const from = windowMs === undefined ? since : this.#cache.clock.now() - windowMs
    if (scope === 'fleet') return this.#history.fleet(resolutions, from)
    const name = scope === 'node' ? this.#cache.node : scope?.node
    if (typeof name !== 'string') throw invalidOption('scope', scope, "'fleet', 'node' or { node: NAME }")
    return this.#history.node(name, resolutions, from)
  }
}

/** What is asked of a cache that is not watched so. */
export function notWatched(option: 'history' | 'alerts' | 'heavyHitters'): CacheError {
  return new CacheError('not-watched', `this cache keeps no ${option}: createCache({ ${option}: true })`)
}
