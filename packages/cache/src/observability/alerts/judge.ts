import type { Board, Clock, Logger, Timer } from '../../ports.js'
import { milliseconds } from '../../units.js'
import type { Alert, AlertSeverity, AlertsView, Delivery, Silence } from '../../watching.js'
import type { LoadedHistory } from '../history/loaded-history.js'
import { windowFigures } from '../window-stats.js'
import { AlertBoard, type Role } from './alert-board.js'
import type { ResolvedRule, RuleFigures } from './alert-rule.js'
import { RULE_NAMES } from './built-in-rules.js'
import type { Notification } from './formats.js'
import { alertId, type Finding, type Notice, nextAlerts, resolvedOnce, shown, type TrackedAlert } from './lifecycle.js'
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

/** The judge may miss a round before another takes over. */
const ROUNDS_HELD = 2.5
const KEPT = 100

/**
 * Judges the figures regularly. One process of the namespace, the holder of the chore, judges the fleet and tells the
 * webhooks; what it knows lies on the board, so that another can go on when it is gone. What concerns one process alone
 * (its connection) is judged by that process, and so is everything while the board cannot be reached.
 */
export class AlertJudge {
  readonly #options: JudgeOptions
  readonly #webhooks: readonly Webhook[]
  readonly #board: AlertBoard
  #fleetAlerts: readonly TrackedAlert[] = []
  #ownAlerts: readonly TrackedAlert[] = []
  #resolved: readonly Alert[] = []
  #deliveries: readonly Delivery[] = []
  #role: Role = 'follower'
  #timer: Timer
  #underWay: Promise<void> | undefined
  #closed = false

  constructor(options: JudgeOptions) {
    this.#options = options
    this.#board = new AlertBoard(options)
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
    await this.#board.read()
    const { node, clock, rules } = this.#options
    const follows = this.#role === 'follower'
    const shared = this.#board.state
    const fleet = follows ? shared.alerts : this.#fleetAlerts
    const deliveries =
      follows && shared.judge !== node ? [...this.#deliveries, ...shared.deliveries] : [...this.#deliveries]
    const active = [...fleet, ...this.#ownAlerts].map((alert) => shown(alert, this.#board.isSilenced(alert)))
    return {
      at: clock.now(),
      judge: follows ? shared.judge : node,
      active: active.sort((a, b) => weight(b) - weight(a) || a.since - b.since),
      resolved: resolvedOnce([...this.#resolved, ...this.#board.resolved]).slice(0, KEPT),
      silences: this.#board.silences,
      deliveries: deliveries.sort((a, b) => b.at - a.at).slice(0, KEPT),
      rules: rules.map(({ name, about }) => ({ name, about })),
    }
  }

  silence(request: Omit<Silence, 'id'>): Promise<Silence> {
    return this.#board.silence(request)
  }

  unsilence(id: string): Promise<void> {
    return this.#board.unsilence(id)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#timer)
    await this.#underWay
    await Promise.all(this.#webhooks.map((webhook) => webhook.close()))
    // Another takes over at its next round instead of waiting for the chore to run out.
    if (this.#role === 'judge') await this.#board.claim(1)
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      void this.judge()
      this.#schedule()
    }, this.#options.intervalMs)
  }

  async #round(): Promise<void> {
    if (this.#closed) return
    const { rules, intervalMs } = this.#options
    const role = await this.#board.claim(intervalMs * ROUNDS_HELD)
    await this.#board.read()
    if (role === 'judge' && this.#role !== 'judge') this.#takeOver()
    // Another judges: what was judged here alone is its business now.
    if (role === 'follower') this.#fleetAlerts = []
    this.#role = role
    const history = await this.#history(role === 'judge')
    this.#options.loaded(history)
    if (role !== 'follower') {
      this.#fleetAlerts = this.#advance(this.#fleetAlerts, this.#findings('fleet', history, this.#fleetAlerts))
    }
    if (rules.some(({ scope }) => scope === 'node')) {
      this.#ownAlerts = this.#advance(this.#ownAlerts, this.#findings('node', history, this.#ownAlerts))
    }
    if (role !== 'judge') return this.#board.leaveResolved(this.#resolved)
    const { node } = this.#options
    await this.#board.leave({
      judge: node,
      alerts: this.#fleetAlerts,
      resolved: this.#resolved,
      deliveries: this.#deliveries,
    })
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

  /** A rule that throws becomes an alert itself: otherwise what it watches would silently go unwatched. */
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
    const isSilenced = (alert: Pick<Alert, 'id' | 'rule'>) => this.#board.isSilenced(alert)
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

  #log(delivery: Delivery): void {
    this.#deliveries = [delivery, ...this.#deliveries].slice(0, KEPT)
    if (delivery.outcome === 'delivered') return
    this.#options.logger.warn({ ...delivery }, `a notification was not delivered (${delivery.outcome})`)
  }

  /** Goes on from what the judge before has left. */
  #takeOver(): void {
    const { alerts } = this.#board.state
    const inherited = new Set(alerts.map(({ id }) => id))
    this.#fleetAlerts = [...alerts, ...this.#fleetAlerts.filter(({ id }) => !inherited.has(id))]
    this.#resolved = resolvedOnce([...this.#resolved, ...this.#board.resolved]).slice(0, KEPT)
  }
}

function weight({ state, severity }: Alert): number {
  return (state === 'firing' ? 2 : 0) + (severity === 'critical' ? 1 : 0)
}
