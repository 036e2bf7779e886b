import { invalidOption, refuseUnknown, wrongOption } from '../errors.js'
import { type Duration, milliseconds } from '../units.js'
import {
  type AlertOptions,
  type AlertRule,
  type AlertThresholds,
  type HeavyHitterOptions,
  type HistoryOptions,
  type Objectives,
  SHORTEST_SECRET,
  type WatchOptions,
  WEBHOOK_FORMATS,
  type WebhookOptions,
} from '../watch-options.js'
import type { Bounds, ResolvedRule } from './alerts/alert-rule.js'
import { type ResolvedThresholds, RULE_NAMES } from './alerts/built-in-rules.js'
import type { ResolvedWebhook } from './alerts/webhook.js'
import type { Objective } from './slo/objectives.js'

const DAY_MS = 86_400_000
/** As far as the history reaches. */
export const LONGEST_WINDOW_MS = 7 * DAY_MS
const BUILT_IN = new Set<string>(
  Object.values(RULE_NAMES).flatMap((name) => (typeof name === 'string' ? name : Object.values(name))),
)

export interface ResolvedAlertOptions {
  readonly intervalMs: number
  readonly windowMs: number
  readonly pendingMs: number
  readonly repeatMs: number
  readonly minReads: number
  readonly thresholds: ResolvedThresholds
  readonly rules: readonly ResolvedRule[]
  readonly burnRates: boolean
  readonly webhooks: readonly ResolvedWebhook[]
}

export interface ResolvedHeavyHitterOptions {
  readonly capacity: number
  readonly sample: number
  readonly redact: (key: string, definition: string) => string
}

export interface ResolvedWatchOptions {
  /** `false`: figures stay in this process. */
  readonly publishMs: number | false
  readonly alerts: ResolvedAlertOptions | undefined
  readonly objectives: readonly Objective[]
  readonly heavyHitters: ResolvedHeavyHitterOptions | undefined
}

/** Validates and completes the options by which a cache is watched; `undefined` when it is not. */
export function resolveWatchOptions(options: WatchOptions, maxStalenessMs: number): ResolvedWatchOptions | undefined {
  const { history, alerts, slo, heavyHitters } = options
  const wanted = Boolean(history) || Boolean(alerts) || slo !== undefined || Boolean(heavyHitters)
  // Checked also when all of it is off: a misspelt option is to be found before it is switched on.
  const objectives = resolveObjectives(slo ?? {})
  const resolved: ResolvedWatchOptions = Object.freeze({
    publishMs: resolveHistory(history),
    alerts: resolveAlerts(alerts, maxStalenessMs),
    objectives,
    heavyHitters: resolveHeavyHitters(heavyHitters),
  })
  if (!wanted) return undefined
  if (history === false) {
    throw invalidOption('history', false, 'not false: alerts, slo and heavyHitters are judged by the history')
  }
  return resolved
}

function resolveHistory(history: WatchOptions['history']): number | false {
  const { publish = '10s' } = section<HistoryOptions>('history', history, ['publish']) ?? {}
  return publish === false ? false : between('history.publish', publish, 1_000, 60_000)
}

function resolveAlerts(alerts: WatchOptions['alerts'], maxStalenessMs: number): ResolvedAlertOptions | undefined {
  const names = ['interval', 'window', 'pending', 'repeat', 'minReads', 'thresholds', 'rules', 'burnRates', 'webhooks']
  const given = section<AlertOptions>('alerts', alerts, names)
  if (given === undefined) return undefined
  const intervalMs = between('alerts.interval', given.interval ?? '60s', 1_000, 3_600_000)
  const pendingMs = milliseconds('alerts.pending', given.pending ?? intervalMs)
  const { minReads = 100, burnRates = true } = given
  if (!Number.isSafeInteger(minReads) || minReads < 0)
    throw invalidOption('alerts.minReads', minReads, 'a whole number of at least 0')
  if (typeof burnRates !== 'boolean') throw invalidOption('alerts.burnRates', burnRates, 'true or false')
  return Object.freeze({
    intervalMs,
    windowMs: between('alerts.window', given.window ?? '5m', 1_000, LONGEST_WINDOW_MS),
    pendingMs,
    repeatMs: between('alerts.repeat', given.repeat ?? '5m', 1_000, LONGEST_WINDOW_MS),
    minReads,
    thresholds: resolveThresholds(given.thresholds, maxStalenessMs),
    rules: list<AlertRule>('alerts.rules', given.rules).map((rule, at) => resolveRule(rule, at, pendingMs)),
    burnRates,
    webhooks: list<WebhookOptions>('alerts.webhooks', given.webhooks).map(resolveWebhook),
  })
}

function resolveThresholds(given: AlertThresholds = {}, maxStalenessMs = 5_000): ResolvedThresholds {
  const names = ['hitRate', 'errorRate', 'latency', 'memory', 'connection'] as const
  refuseUnknown('alerts.thresholds', given, new Set(names))
  const named = (name: string) => `alerts.thresholds.${name}`
  // The log is confirmed several times within the bound; three bounds without word are no accident.
  const connection = given.connection ?? Math.max(15_000, 3 * maxStalenessMs)
  return {
    hitRate: bounds(named('hitRate'), given.hitRate ?? 0.8, share, (warning) => warning * 0.75),
    errorRate: bounds(named('errorRate'), given.errorRate ?? 0.05, share, (warning) => Math.min(1, warning * 3)),
    latencyMs: bounds(named('latency'), given.latency ?? '100ms', milliseconds, (warning) => warning * 2),
    memory: bounds(named('memory'), given.memory ?? 0.9, share, (warning) => Math.max(warning, 0.98)),
    connectionMs: bounds(named('connection'), connection, milliseconds, (warning) => warning * 4),
  }
}

/** The bounds of the built-in rules when none are given. */
export const DEFAULT_THRESHOLDS = Object.freeze(resolveThresholds()) as Readonly<
  Record<keyof ResolvedThresholds, Bounds>
>

function bounds<T extends number | string>(
  name: string,
  given: T | { warning: T; critical: T } | false,
  read: (name: string, value: T) => number,
  criticalOf: (warning: number) => number,
): Bounds | undefined {
  if (given === false) return undefined
  if (typeof given !== 'object') {
    const warning = read(name, given)
    // Without the tail of a product of floats.
    return { warning, critical: Number(criticalOf(warning).toPrecision(6)) }
  }
  refuseUnknown(name, given, new Set(['warning', 'critical']))
  return { warning: read(`${name}.warning`, given.warning), critical: read(`${name}.critical`, given.critical) }
}

function resolveRule(rule: AlertRule, at: number, pendingMs: number): ResolvedRule {
  const where = `alerts.rules[${at}]`
  refuseUnknown(where, rule, new Set(['name', 'about', 'pending', 'judge']))
  const { name, about = name, judge } = rule
  const taken = BUILT_IN.has(name)
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,64}$/.test(name) || taken)
    throw invalidOption(
      `${where}.name`,
      name,
      '1 to 64 characters of a-z 0-9 -, other than those of the built-in rules',
    )
  if (typeof judge !== 'function') throw invalidOption(`${where}.judge`, judge, 'a function (figures) => finding')
  const ownPendingMs = rule.pending === undefined ? pendingMs : milliseconds(`${where}.pending`, rule.pending)
  return { name, about, pendingMs: ownPendingMs, scope: 'fleet', judge: (figures) => rule.judge(figures) }
}

function resolveWebhook(webhook: WebhookOptions, at: number): ResolvedWebhook {
  const where = `alerts.webhooks[${at}]`
  const names = ['url', 'name', 'format', 'secret', 'headers', 'timeout', 'attempts', 'severity']
  refuseUnknown(where, webhook, new Set(names))
  const { url, format = 'json', secret, headers = {}, timeout = '10s', attempts = 6, severity = 'warning' } = webhook
  const host = hostOf(url)
  // The URL itself may be a secret and is not shown.
  if (host === undefined)
    throw wrongOption(`${where}.url`, 'something else', 'a URL that begins with https:// or http://')
  if (!WEBHOOK_FORMATS.includes(format)) throw invalidOption(`${where}.format`, format, WEBHOOK_FORMATS.join(', '))
  if (secret !== undefined && !(typeof secret === 'string' && secret.length >= SHORTEST_SECRET))
    throw wrongOption(`${where}.secret`, 'fewer', `a string of at least ${SHORTEST_SECRET} characters`)
  if (!Number.isSafeInteger(attempts) || attempts < 1)
    throw invalidOption(`${where}.attempts`, attempts, 'a whole number of at least 1')
  if (severity !== 'warning' && severity !== 'critical')
    throw invalidOption(`${where}.severity`, severity, "'warning' or 'critical'")
  const timeoutMs = between(`${where}.timeout`, timeout, 100, 300_000)
  const name = webhook.name ?? host
  return Object.freeze({ url, name, format, secret, headers: { ...headers }, timeoutMs, attempts, severity })
}

function hostOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const { protocol, host } = new URL(url)
  return (protocol === 'https:' || protocol === 'http:') && host !== '' ? host : undefined
}

function resolveObjectives(slo: Readonly<Record<string, Objectives>>): readonly Objective[] {
  if (typeof slo !== 'object' || slo === null) throw invalidOption('slo', slo, 'an object of objectives by definition')
  return Object.entries(slo).flatMap(([name, given]) => {
    const where = `slo.${name}`
    refuseUnknown(where, given, new Set(['hitRate', 'latency', 'availability', 'window']))
    const { hitRate, latency, availability, window = '7d' } = given
    const windowMs = between(`${where}.window`, window, 60_000, LONGEST_WINDOW_MS)
    const definition = name === '*' ? '' : name
    const found: Objective[] = []
    if (hitRate !== undefined)
      found.push({ definition, objective: 'hitRate', target: target(`${where}.hitRate`, hitRate), windowMs })
    if (latency !== undefined) {
      refuseUnknown(`${where}.latency`, latency, new Set(['threshold', 'share']))
      const thresholdMs = milliseconds(`${where}.latency.threshold`, latency.threshold)
      const promised = target(`${where}.latency.share`, latency.share)
      found.push({ definition, objective: 'latency', target: promised, thresholdMs, windowMs })
    }
    if (availability !== undefined) {
      const promised = target(`${where}.availability`, availability)
      found.push({ definition, objective: 'availability', target: promised, windowMs })
    }
    return found
  })
}

function resolveHeavyHitters(given: WatchOptions['heavyHitters']): ResolvedHeavyHitterOptions | undefined {
  const options = section<HeavyHitterOptions>('heavyHitters', given, ['capacity', 'sample', 'redact'])
  if (options === undefined) return undefined
  const { capacity = 512, sample = 0.01, redact = (key: string) => key } = options
  if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > 100_000)
    throw invalidOption('heavyHitters.capacity', capacity, 'a whole number from 1 to 100,000')
  if (!(typeof sample === 'number' && sample > 0 && sample <= 1))
    throw invalidOption('heavyHitters.sample', sample, 'a share above 0, at most 1')
  if (typeof redact !== 'function')
    throw invalidOption('heavyHitters.redact', redact, 'a function (key, definition) => text')
  return Object.freeze({ capacity, sample, redact })
}

/** An option that is `true`, `false`, absent, or an object of options. */
function section<T extends object>(
  name: string,
  given: boolean | T | undefined,
  known: readonly string[],
): T | undefined {
  if (given === undefined || given === false) return undefined
  if (given === true) return {} as T
  refuseUnknown(name, given, new Set(known))
  return given
}

function list<T>(name: string, given: readonly T[] | undefined): readonly T[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) throw invalidOption(name, given, 'an array')
  return given as readonly T[]
}

function between(name: string, value: Duration, least: number, most: number): number {
  const ms = milliseconds(name, value)
  if (ms < least || ms > most) throw invalidOption(name, value, `a duration from ${least} to ${most} ms`)
  return ms
}

function share(name: string, value: number): number {
  if (!(typeof value === 'number' && value >= 0 && value <= 1)) throw invalidOption(name, value, 'a share from 0 to 1')
  return value
}

function target(name: string, value: number): number {
  if (!(typeof value === 'number' && value > 0 && value < 1))
    throw invalidOption(name, value, 'a share above 0 and below 1')
  return value
}
