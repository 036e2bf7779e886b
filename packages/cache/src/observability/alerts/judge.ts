import { randomBytes } from 'node:crypto'
import type { Board, Clock, Logger, Timer } from '../../ports.js'
import { milliseconds } from '../../units.js'
import type { Alert, AlertSeverity, AlertsView, Delivery, Silence } from '../../watching.js'
import type { LoadedHistory } from '../history/loaded-history.js'
import { windowFigures } from '../window-stats.js'
import type { ResolvedRule, RuleFigures } from './alert-rule.js'
import { RULE_NAMES } from './built-in-rules.js'
import type { Notification } from './formats.js'
import { alertId, type Finding, type Notice, nextAlerts, shown, type TrackedAlert } from './lifecycle.js'
import { type Fetch, type ResolvedWebhook, Webhook } from './webhook.js'

export interface JudgeOptions {
  readonly namespace: string
  readonly node: string
  readonly clock: Clock
  readonly logger: Logger
  readonly fetch: Fetch
  /** `undefined`: this process judges for itself. */
  readonly board: Board | undefined
  readonly intervalMs: number
  readonly windowMs: number
  readonly repeatMs: number
  readonly rules: readonly ResolvedRule[]
  readonly webhooks: readonly ResolvedWebhook[]
  /** The figures of the fleet; rejects while they cannot be read. */
  readonly fleet: () => Promise<LoadedHistory>
  readonly own: () => Promise<LoadedHistory>
  /** Told of the history that rules are about to judge by. */
  readonly loaded: (history: LoadedHistory) => void
  readonly unconfirmedMs: () => number
}

/** What the judge leaves for its successor, and for the others to show. */
interface SharedState {
  readonly judge: string
  readonly alerts: readonly TrackedAlert[]
  readonly resolved: readonly Alert[]
  readonly deliveries: readonly Delivery[]
}

/** `alone`: the board does not answer, so each process judges what it sees. */
type Role = 'judge' | 'follower' | 'alone'

const CHORE = 'alerts'
const TOPIC = 'alerts'
const STATE = 'state'
const SILENCES = 'silences'
/** The judge may miss a round before another takes over. */
const ROUNDS_HELD = 2.5
const STATE_LIFE_MS = 86_400_000
const KEPT = 100
const NO_STATE: SharedState = { judge: '', alerts: [], resolved: [], deliveries: [] }

/**
 * Judges the figures regularly. One process of the namespace, who holds the chore, judges the fleet and tells the webhooks; what it
 * knows lies on the board, so that another can go on when it is gone. What concerns one process alone (its connection) is
 * judged by that process, and so is everything while the board cannot be reached.
 */
export class AlertJudge {
  readonly #options: JudgeOptions
  readonly #webhooks: readonly Webhook[]
  #fleetAlerts: readonly TrackedAlert[] = []
  #ownAlerts: readonly TrackedAlert[] = []
  #resolved: readonly Alert[] = []
  #deliveries: readonly Delivery[] = []
  #silences: readonly Silence[] = []
  #role: Role = 'follower'
  #shared: SharedState = NO_STATE
  #timer: Timer
  #underWay: Promise<void> | undefined
  #closed = false

  constructor(options: JudgeOptions) {
    this.#options = options
    this.#webhooks = options.webhooks.map(
      (hook) =>
        new Webhook(hook, { clock: options.clock, fetch: options.fetch, log: (delivery) => this.#log(delivery) }),
    )
    this.#schedule()
  }

  /** Judges now; callers at the same time share one round. Never rejects. */
  judge(): Promise<void> {
    this.#underWay ??= this.#round()
      .catch((error: unknown) => this.#options.logger.error({ err: error }, 'alerts could not be judged'))
      .finally(() => {
        this.#underWay = undefined
      })
    return this.#underWay
  }

  async view(): Promise<AlertsView> {
    await this.#readSilences()
    const follows = this.#role === 'follower'
    if (follows) await this.#readShared()
    const { node, clock, rules } = this.#options
    const fleet = follows ? this.#shared.alerts : this.#fleetAlerts
    const active = [...fleet, ...this.#ownAlerts].map((alert) => shown(alert, this.#isSilenced(alert)))
    const newest = <T>(own: readonly T[], shared: readonly T[], at: (one: T) => number) =>
      [...own, ...(follows ? shared : [])].sort((a, b) => at(b) - at(a)).slice(0, KEPT)
    return {
      at: clock.now(),
      judge: follows ? this.#shared.judge : node,
      active: active.sort((a, b) => weight(b) - weight(a) || a.since - b.since),
      resolved: newest(this.#resolved, this.#shared.resolved, (alert) => alert.resolvedAt ?? 0),
      silences: this.#silences,
      deliveries: newest(this.#deliveries, this.#shared.deliveries, (delivery) => delivery.at),
      rules: rules.map(({ name, about }) => ({ name, about })),
    }
  }

  async silence(request: Omit<Silence, 'id'>): Promise<Silence> {
    const silence = { ...request, id: randomBytes(8).toString('hex') }
    await this.#readSilences()
    this.#silences = [...this.#silences, silence]
    const bytes = Buffer.from(JSON.stringify(silence))
    await this.#options.board?.put(SILENCES, silence.id, bytes, silence.until - this.#options.clock.now())
    return silence
  }

  async unsilence(id: string): Promise<void> {
    await this.#options.board?.remove(SILENCES, id)
    this.#silences = this.#silences.filter((silence) => silence.id !== id)
  }

  /** Resolves when every notification was delivered or given up. */
  async delivered(): Promise<void> {
    await Promise.all(this.#webhooks.map((webhook) => webhook.idle()))
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#timer)
    await this.#underWay
    await Promise.all(this.#webhooks.map((webhook) => webhook.close()))
    // Another takes over at its next round instead of waiting for the chore to run out.
    const { board, node } = this.#options
    if (this.#role === 'judge') await board?.claim(CHORE, node, 1).catch(() => undefined /* it runs out by itself */)
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      void this.judge()
      this.#schedule()
    }, this.#options.intervalMs)
  }

  async #round(): Promise<void> {
    if (this.#closed) return
    const { rules } = this.#options
    const role = await this.#claim()
    if (role === 'judge' && this.#role !== 'judge') await this.#takeOver()
    // Another judges: what was judged here alone is its business now.
    if (role === 'follower') this.#fleetAlerts = []
    this.#role = role
    await this.#readSilences()
    const history = await this.#history(role === 'judge')
    this.#options.loaded(history)
    if (role !== 'follower') {
      this.#fleetAlerts = this.#advance(this.#fleetAlerts, this.#findings('fleet', history, this.#fleetAlerts))
    }
    if (rules.some(({ scope }) => scope === 'node')) {
      this.#ownAlerts = this.#advance(this.#ownAlerts, this.#findings('node', history, this.#ownAlerts))
    }
    if (role === 'judge') await this.#share()
  }

  async #claim(): Promise<Role> {
    const { board, node, intervalMs } = this.#options
    if (board === undefined) return 'judge'
    try {
      return (await board.claim(CHORE, node, intervalMs * ROUNDS_HELD)) ? 'judge' : 'follower'
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'the chore of judging could not be claimed')
      return 'alone'
    }
  }

  async #history(ofFleet: boolean): Promise<LoadedHistory> {
    if (!ofFleet) return this.#options.own()
    return this.#options.fleet().catch(() => this.#options.own())
  }

  #findings(scope: ResolvedRule['scope'], history: LoadedHistory, known: readonly TrackedAlert[]): Finding[] {
    const { node, rules, windowMs, unconfirmedMs } = this.#options
    const recent = windowFigures(history.over(windowMs))
    const whose = scope === 'node' ? { node } : {}
    return rules
      .filter((rule) => rule.scope === scope)
      .flatMap((rule) => {
        const held = (definition?: string): AlertSeverity | undefined => {
          const id = alertId({ rule: rule.name, ...(definition === undefined ? {} : { definition }), ...whose })
          return known.find((alert) => alert.id === id)?.severity
        }
        const figures: RuleFigures = {
          at: history.at,
          recent,
          over: (window) => windowFigures(history.over(milliseconds('window', window))),
          current: held,
          unconfirmedMs: unconfirmedMs(),
        }
        return this.#judgeBy(rule, figures).map((finding) => ({ ...finding, ...whose }))
      })
  }

  /** A rule that throws is told of: otherwise what it watches would go unwatched in silence. */
  #judgeBy(rule: ResolvedRule, figures: RuleFigures): Finding[] {
    try {
      const found = rule.judge(figures) ?? []
      const findings = Array.isArray(found) ? found : [found]
      return findings.map((finding) => ({ ...finding, rule: rule.name, pendingMs: rule.pendingMs }))
    } catch (error) {
      this.#options.logger.error({ err: error, rule: rule.name }, 'an alert rule failed')
      const summary = `the rule ${rule.name} failed: ${error instanceof Error ? error.message : String(error)}`
      const failed = { rule: RULE_NAMES.failed, definition: rule.name, pendingMs: 0, value: 1, threshold: 0 }
      return [{ ...failed, severity: 'warning', summary }]
    }
  }

  #advance(before: readonly TrackedAlert[], findings: readonly Finding[]): readonly TrackedAlert[] {
    const { clock, repeatMs } = this.#options
    const isSilenced = (alert: Pick<Alert, 'id' | 'rule'>) => this.#isSilenced(alert)
    const { alerts, resolved, notices } = nextAlerts(before, { now: clock.now(), repeatMs, findings, isSilenced })
    this.#resolved = [...resolved, ...this.#resolved].slice(0, KEPT)
    this.#tell(notices)
    return alerts
  }

  #tell(notices: readonly Notice[]): void {
    const { namespace, node, clock, repeatMs, intervalMs, logger } = this.#options
    for (const { event, alert } of notices) {
      const details = { alert: alert.id, severity: alert.severity, value: alert.value, threshold: alert.threshold }
      const message = `alert ${event}: ${alert.summary}`
      if (event === 'resolved') logger.info(details, message)
      else logger.warn(details, message)
    }
    for (const event of ['raised', 'changed', 'repeated', 'resolved'] as const) {
      const alerts = notices.filter((notice) => notice.event === event).map((notice) => notice.alert)
      if (alerts.length === 0) continue
      const validMs = 2 * (repeatMs + intervalMs)
      const notification: Notification = { event, namespace, node, at: clock.now(), validMs, alerts }
      for (const webhook of this.#webhooks) webhook.send(notification)
    }
  }

  #isSilenced({ id, rule }: Pick<Alert, 'id' | 'rule'>): boolean {
    const now = this.#options.clock.now()
    return this.#silences.some(({ alert, until }) => until > now && (alert === id || alert === rule))
  }

  #log(delivery: Delivery): void {
    this.#deliveries = [delivery, ...this.#deliveries].slice(0, KEPT)
    if (delivery.outcome === 'delivered') return
    this.#options.logger.warn({ ...delivery }, `a notification was not delivered (${delivery.outcome})`)
  }

  async #takeOver(): Promise<void> {
    await this.#readShared()
    const inherited = new Set(this.#shared.alerts.map(({ id }) => id))
    this.#fleetAlerts = [...this.#shared.alerts, ...this.#fleetAlerts.filter(({ id }) => !inherited.has(id))]
    this.#resolved = [...this.#resolved, ...this.#shared.resolved].slice(0, KEPT)
  }

  async #share(): Promise<void> {
    const { node, board, logger } = this.#options
    const state: SharedState = {
      judge: node,
      alerts: this.#fleetAlerts,
      resolved: this.#resolved,
      deliveries: this.#deliveries,
    }
    try {
      await board?.put(TOPIC, STATE, Buffer.from(JSON.stringify(state)), STATE_LIFE_MS)
    } catch (error) {
      logger.debug({ err: error }, 'the state of alerts could not be shared')
    }
  }

  async #readShared(): Promise<void> {
    const [parts] = await this.#readBoard([TOPIC])
    const bytes = parts?.get(STATE)
    if (bytes !== undefined) this.#shared = { ...NO_STATE, ...parsed(bytes) }
  }

  async #readSilences(): Promise<void> {
    const now = this.#options.clock.now()
    const [parts] = await this.#readBoard([SILENCES])
    const known = parts === undefined ? this.#silences : [...parts.values()].map((bytes) => parsed(bytes) as Silence)
    this.#silences = known.filter(({ until }) => until > now)
  }

  /** Nothing when it cannot be read: what is known here stays as it is. */
  async #readBoard(topics: readonly string[]): Promise<readonly ReadonlyMap<string, Uint8Array>[]> {
    try {
      return (await this.#options.board?.read(topics)) ?? []
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'the board could not be read')
      return []
    }
  }
}

function parsed(bytes: Uint8Array): object {
  return JSON.parse(Buffer.from(bytes).toString()) as object
}

function weight({ state, severity }: Alert): number {
  return (state === 'firing' ? 2 : 0) + (severity === 'critical' ? 1 : 0)
}
