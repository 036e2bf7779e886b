import type { Duration } from './units.js'
import type { AlertSeverity, WindowFigures } from './watching.js'

/** What a cache is watched by; all of it is off unless asked for. */
export interface WatchOptions {
  /** Keeps figures over time. Default: on as soon as `alerts` or `slo` is given, off otherwise. */
  history?: boolean | HistoryOptions
  /** Judges the figures and tells somebody. Default: off. */
  alerts?: boolean | AlertOptions
  /** What the cache promises, by definition name; `'*'` is about all reads together. */
  slo?: Readonly<Record<string, Objectives>>
  /** Which keys account for most of the work. Default: off. */
  heavyHitters?: boolean | HeavyHitterOptions
}

export interface HistoryOptions {
  /**
   * How often this process publishes its figures to the remote tier, where they outlive it and make up the fleet's;
   * `false`: never. Default `'10s'`.
   */
  publish?: Duration | false
}

/** Promises about reads: each is the share that must be good, above 0 and below 1. */
export interface Objectives {
  /** Answered by a tier rather than by the origin. */
  hitRate?: number
  /** `share` of the reads answered within `threshold`. */
  latency?: { threshold: Duration; share: number }
  /** Answered at all, be it with a stale value. */
  availability?: number
  /** The time over which the promise is judged, at most 7 days. Default `'7d'`. */
  window?: Duration
}

export interface AlertOptions {
  /** How often the figures are judged. Default `'60s'`. */
  interval?: Duration
  /** The time that is judged. Default `'5m'`. */
  window?: Duration
  /** A condition must hold this long before it fires. Default: the interval. */
  pending?: Duration
  /** An alert that goes on firing is told of again this often. Default `'5m'`. */
  repeat?: Duration
  /** Fewer reads in the window are not judged. Default 100. */
  minReads?: number
  thresholds?: AlertThresholds
  /** Rules of your own, in addition. */
  rules?: readonly AlertRule[]
  /** Burn-rate alerts for each objective of `slo`. Default `true`. */
  burnRates?: boolean
  webhooks?: readonly WebhookOptions[]
}

/**
 * Where a built-in rule begins to hold; `critical` defaults to what stands beside it. `false` switches the rule off.
 */
export interface AlertThresholds {
  /** Hit rate below. Default 0.8; critical three quarters of it. */
  hitRate?: number | { warning: number; critical: number } | false
  /** Share of failed operations above. Default 0.05; critical three times as much. */
  errorRate?: number | { warning: number; critical: number } | false
  /** 95th percentile of the response time above. Default `'100ms'`; critical twice as much. */
  latency?: Duration | { warning: Duration; critical: Duration } | false
  /** Share of the memory tier's bytes in use above, while it evicts. Default 0.9; critical 0.98. */
  memory?: number | { warning: number; critical: number } | false
  /** Remote tier or invalidation log not heard for longer. Default `'15s'`; critical four times as long. */
  connection?: Duration | { warning: Duration; critical: Duration } | false
}

/** What a rule found wrong. One rule may find several things, told apart by `definition`. */
export interface AlertFinding {
  readonly severity: AlertSeverity
  /** One sentence with the figures in it. */
  readonly summary: string
  readonly value: number
  readonly threshold: number
  readonly definition?: string
}

/** What a rule judges by. */
export interface AlertFigures {
  readonly at: number
  /** Of the window of `alerts`. */
  readonly recent: WindowFigures
  /** Of any other window up to 7 days, of the same processes. */
  over(window: Duration): WindowFigures
  /**
   * The severity at which this rule holds at present for a definition (or in all), so that it can let go later than it
   * takes hold.
   */
  current(definition?: string): AlertSeverity | undefined
}

/** A rule of your own: a function of the figures. One that throws is itself told of as an alert. */
export interface AlertRule {
  /** 1 to 64 of `a-z 0-9 -`. */
  readonly name: string
  /** What it watches for, in words. */
  readonly about?: string
  /** As `alerts.pending`. */
  readonly pending?: Duration
  judge(figures: AlertFigures): AlertFinding | readonly AlertFinding[] | undefined
}

export const WEBHOOK_FORMATS = Object.freeze([
  'json',
  'alertmanager',
  'alertmanager-webhook',
  'slack',
  'discord',
] as const)
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number]

/** Characters that the secret of a webhook has at least. */
export const SHORTEST_SECRET = 16

export interface WebhookOptions {
  /** Its path may be a secret: it appears in no log, event or page. */
  url: string
  /** What the delivery log calls it. Default: the host of the URL. */
  name?: string
  /**
   * `'alertmanager'`: posts to an Alertmanager (`/api/v2/alerts`); `'alertmanager-webhook'`: posts as one does. Default
   * `'json'`.
   */
  format?: WebhookFormat
  /**
   * Signs each body: `x-tableforge-signature: t=SECONDS,v1=HEX`, HMAC-SHA256 of `SECONDS.BODY`. At least 16 characters.
   */
  secret?: string
  headers?: Readonly<Record<string, string>>
  /** Default `'10s'`. */
  timeout?: Duration
  /** Attempts for one notification, the first included. Default 6. */
  attempts?: number
  /** Only alerts of at least this severity. Default `'warning'`. */
  severity?: AlertSeverity
}

export interface HeavyHitterOptions {
  /** Keys that each summary holds: no key with more than 1/capacity of the total is missed. Default 512. */
  capacity?: number
  /** The share of the hits that is looked at. Default 0.01. */
  sample?: number
  /** How keys are shown, to keep personal data out of pages and reports. Default: as they are. */
  redact?: (key: string, definition: string) => string
}
