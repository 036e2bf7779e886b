import { CacheError, invalidArgument, show } from './errors.js'
import type { CacheOptions, PartitionPolicy } from './options.js'
import { byteCount, type Duration, milliseconds, type Size } from './units.js'
import { type AlertOptions, SHORTEST_SECRET, WEBHOOK_FORMATS, type WebhookFormat } from './watch-options.js'

export type Environment = 'development' | 'staging' | 'production'
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** What alerts are raised by and where they go. Durations in milliseconds, rates 0 to 1. */
export interface AlertSettings {
  readonly enabled: boolean
  /** Where alerts are posted. Its path may be a secret: never log it. */
  readonly webhook?: string
  /** What the receiver of the webhook expects. Default `'json'`. */
  readonly format?: WebhookFormat
  /** Signs what is posted: never log it. */
  readonly secret?: string
  /** How often the figures are judged. */
  readonly intervalMs: number
  /** A hit rate below is an alert. */
  readonly hitRate: number
  /** A larger share of failed operations raises an alert. */
  readonly errorRate: number
  /** An operation that takes longer is slow. */
  readonly latencyMs: number
}

/** What the environment of a process says about its cache. */
export interface EnvironmentSettings {
  readonly environment: Environment
  /**
   * For `createCache`; add `remote`. Holds the alerts too, when they are on: the URL and the secret of a webhook among
   * them.
   */
  readonly cache: Omit<CacheOptions, 'remote'>
  /** Always there in staging and production. Without it the in-process remote tier is meant. May hold a password. */
  readonly redisUrl?: string
  readonly logLevel: LogLevel
  readonly alerts: AlertSettings
  /** Names beginning with `CACHE_` that mean nothing here: worth a warning, they may be misspelled. */
  readonly ignored: readonly string[]
}

/** The values of each environment before variables override them. Durations in milliseconds, sizes in bytes. */
export const ENVIRONMENT_PRESETS = Object.freeze({
  development: Object.freeze({
    memoryMaxEntries: 1_000,
    memoryMaxBytes: 32 * 1_048_576,
    grace: 0,
    jitter: 0,
    softTimeout: undefined,
    logLevel: 'debug' as LogLevel,
    alerts: Object.freeze({ enabled: false, intervalMs: 60_000, hitRate: 0.8, errorRate: 0.05, latencyMs: 100 }),
  }),
  staging: Object.freeze({
    memoryMaxEntries: 10_000,
    memoryMaxBytes: 128 * 1_048_576,
    grace: 3_600_000,
    jitter: 0.1,
    softTimeout: 100,
    logLevel: 'info' as LogLevel,
    alerts: Object.freeze({ enabled: true, intervalMs: 60_000, hitRate: 0.8, errorRate: 0.05, latencyMs: 100 }),
  }),
  production: Object.freeze({
    memoryMaxEntries: 100_000,
    memoryMaxBytes: 512 * 1_048_576,
    grace: 21_600_000,
    jitter: 0.1,
    softTimeout: 100,
    logLevel: 'info' as LogLevel,
    alerts: Object.freeze({ enabled: true, intervalMs: 30_000, hitRate: 0.85, errorRate: 0.02, latencyMs: 50 }),
  }),
})

const ENVIRONMENT_NAMES: Readonly<Record<string, Environment>> = {
  development: 'development',
  test: 'development',
  staging: 'staging',
  production: 'production',
}

/**
 * Settings from environment variables (`process.env`), on top of the preset of the environment that `CACHE_ENV`, or
 * else `NODE_ENV`, names; development when neither does. An empty variable counts as absent. Durations need a unit.
 * Throws one `CacheError` of code `invalid-option` that names every wrong variable, without showing secrets.
 */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentSettings {
  if (typeof env !== 'object' || env === null)
    throw invalidArgument('fromEnvironment', env, 'variables such as process.env')
  const read = new Variables(env)
  const environment = readEnvironment(read)
  const redisUrl = read.url('REDIS_URL', ['redis:', 'rediss:'])
  if (redisUrl === undefined && environment !== 'development' && !read.isRefused('REDIS_URL')) {
    read.refuse('REDIS_URL', `a URL such as redis://host:6379 (${environment} needs a real Redis)`, 'nothing')
  }
  const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
  const logLevel = read.oneOf('CACHE_LOG_LEVEL', logLevels) ?? ENVIRONMENT_PRESETS[environment].logLevel
  const alerts = readAlerts(read, environment)
  const cache = { ...readCache(read, environment), ...(alerts.enabled && { alerts: alertOptions(alerts) }) }
  const ignored = read.finish()
  return { environment, cache, ...(redisUrl === undefined ? {} : { redisUrl }), logLevel, alerts, ignored }
}

function readEnvironment(read: Variables): Environment {
  const names = Object.keys(ENVIRONMENT_NAMES)
  const chosen = read.oneOf('CACHE_ENV', names)
  // CACHE_ENV decides alone, so that NODE_ENV may say what only other software understands.
  const name = chosen ?? (read.isRefused('CACHE_ENV') ? undefined : read.oneOf('NODE_ENV', names))
  return ENVIRONMENT_NAMES[name ?? 'development'] ?? 'development'
}

function readCache(read: Variables, environment: Environment): Omit<CacheOptions, 'remote'> {
  const preset = ENVIRONMENT_PRESETS[environment]
  const namespace = read.name('CACHE_NAMESPACE')
  const node = read.name('CACHE_NODE')
  const memoryTtl = read.duration('CACHE_MEMORY_TTL', 'more than 0')
  const remoteTimeout = read.duration('CACHE_REMOTE_TIMEOUT', 'more than 0')
  const compressAbove = read.sizeOrOff('CACHE_COMPRESS_ABOVE')
  const softTimeout = read.duration('CACHE_SOFT_TIMEOUT') ?? preset.softTimeout
  const hardTimeout = read.duration('CACHE_HARD_TIMEOUT', 'more than 0')
  if (softTimeout !== undefined && hardTimeout !== undefined && softTimeout >= hardTimeout) {
    read.refuse('CACHE_HARD_TIMEOUT', `more than the soft timeout (${softTimeout} ms)`, `${hardTimeout} ms`)
  }
  const partitionPolicies = ['revalidate', 'bypass', 'serve'] as const satisfies readonly PartitionPolicy[]
  return {
    ...defined({
      namespace,
      node,
      maxStaleness: read.duration('CACHE_MAX_STALENESS', 'more than 0'),
      onPartition: read.oneOf('CACHE_ON_PARTITION', partitionPolicies),
    }),
    memory: {
      maxEntries: read.wholeNumber('CACHE_MEMORY_MAX_ENTRIES') ?? preset.memoryMaxEntries,
      maxBytes: read.size('CACHE_MEMORY_MAX_BYTES') ?? preset.memoryMaxBytes,
      ...defined({ ttl: memoryTtl }),
    },
    remoteOptions: defined({ timeout: remoteTimeout, compressAbove }),
    defaults: {
      grace: read.duration('CACHE_GRACE') ?? preset.grace,
      jitter: read.share('CACHE_JITTER') ?? preset.jitter,
      ...defined({ ttl: read.duration('CACHE_TTL', 'more than 0'), softTimeout, hardTimeout }),
    },
  }
}

function readAlerts(read: Variables, environment: Environment): AlertSettings {
  const preset = ENVIRONMENT_PRESETS[environment].alerts
  const webhook = read.url('CACHE_ALERTS_WEBHOOK', ['https:', 'http:'])
  return {
    enabled: read.onOff('CACHE_ALERTS') ?? preset.enabled,
    ...defined({
      webhook,
      format: read.oneOf('CACHE_ALERTS_FORMAT', WEBHOOK_FORMATS),
      secret: read.secret('CACHE_ALERTS_SECRET', SHORTEST_SECRET),
    }),
    intervalMs: read.duration('CACHE_ALERTS_INTERVAL', 'more than 0') ?? preset.intervalMs,
    hitRate: read.share('CACHE_ALERTS_HIT_RATE') ?? preset.hitRate,
    errorRate: read.share('CACHE_ALERTS_ERROR_RATE') ?? preset.errorRate,
    latencyMs: read.duration('CACHE_ALERTS_LATENCY', 'more than 0') ?? preset.latencyMs,
  }
}

function alertOptions({
  intervalMs,
  hitRate,
  errorRate,
  latencyMs,
  webhook,
  format,
  secret,
}: AlertSettings): AlertOptions {
  return {
    interval: intervalMs,
    thresholds: { hitRate, errorRate, latency: latencyMs },
    webhooks: webhook === undefined ? [] : [{ url: webhook, ...defined({ format, secret }) }],
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the properties that are `undefined`. */
function defined<T extends object>(properties: T): Defined<T> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Defined<T>
}

/** Reads variables one by one and keeps what is wrong with them, so that all of it is reported at once. */
class Variables {
  readonly #problems = new Map<string, string>()
  readonly #known = new Set<string>()
  readonly #env: Readonly<Record<string, string | undefined>>

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T | undefined {
    return this.#read(name, allowed.join(', '), (text) => allowed.find((one) => one === text.toLowerCase()))
  }

  onOff(name: string): boolean | undefined {
    const choice = this.oneOf(name, ['on', 'off', 'true', 'false'])
    return choice === undefined ? undefined : choice === 'on' || choice === 'true'
  }

  /** What may stand in the keys of the remote tier. */
  name(name: string): string | undefined {
    return this.#read(name, '1 to 64 characters of A-Z a-z 0-9 . _ -', (text) =>
      /^[\w.-]{1,64}$/.test(text) ? text : undefined,
    )
  }

  wholeNumber(name: string): number | undefined {
    return this.#read(name, 'a whole number of at least 1', (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : 0
      return Number.isSafeInteger(value) && value >= 1 ? value : undefined
    })
  }

  share(name: string): number | undefined {
    return this.#read(name, 'a number from 0 to 1', (text) => {
      const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
      return value >= 0 && value <= 1 ? value : undefined
    })
  }

  /** In milliseconds. A bare number is refused: seconds and milliseconds are too easily mistaken for each other. */
  duration(name: string, bound?: 'more than 0'): number | undefined {
    const wanted = `a duration with its unit, such as 250ms, 5s, 5m, 1h, 7d${bound === undefined ? '' : `, ${bound}`}`
    return this.#read(name, wanted, (text) => {
      const value = text === '0' ? 0 : attempt(() => milliseconds(name, text as Duration))
      return value !== undefined && bound !== undefined && value <= 0 ? undefined : value
    })
  }

  /** In bytes, more than 0. */
  size(name: string): number | undefined {
    return this.#read(
      name,
      'a size above 0, such as 1048576, 64kb, 256mb, 2gb',
      (text) => bytesOf(name, text) || undefined,
    )
  }

  sizeOrOff(name: string): number | false | undefined {
    return this.#read(name, "a size such as 1024, 1kb, or 'off'", (text) =>
      ['off', 'false'].includes(text.toLowerCase()) ? false : bytesOf(name, text),
    )
  }

  secret(name: string, least: number): string | undefined {
    return this.#read(
      name,
      `at least ${least} characters`,
      (text) => (text.length >= least ? text : undefined),
      (text) => `${text.length} (not shown)`,
    )
  }

  /** A URL may hold a password or a token anywhere, so a wrong one is described and not shown. */
  url(name: string, protocols: readonly string[]): string | undefined {
    const wanted = `a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`
    const valid = (text: string) => {
      const url = attempt(() => new URL(text))
      return url !== undefined && protocols.includes(url.protocol) && url.hostname !== '' ? text : undefined
    }
    const describe = (text: string) => {
      const protocol = attempt(() => new URL(text).protocol)
      return protocol === undefined || !text.startsWith(`${protocol}//`)
        ? `${text.length} characters that are no URL (not shown, they may be secret)`
        : `a URL that begins with ${protocol}// (the rest may be secret)`
    }
    return this.#read(name, wanted, valid, describe)
  }

  refuse(name: string, wanted: string, got: string): void {
    this.#problems.set(name, `${name}: expected ${wanted}, got ${got}`)
  }

  isRefused(name: string): boolean {
    return this.#problems.has(name)
  }

  /** Throws when anything was wrong; otherwise the names beginning with `CACHE_` that nobody asked for. */
  finish(): string[] {
    if (this.#problems.size > 0) {
      const lines = [...this.#problems.values()].map((line) => `  ${line}`).join('\n')
      const count =
        this.#problems.size === 1
          ? 'a variable of the environment is'
          : `${this.#problems.size} variables of the environment are`
      throw new CacheError('invalid-option', `${count} not valid:\n${lines}`)
    }
    return Object.keys(this.#env)
      .filter((name) => name.startsWith('CACHE_') && !this.#known.has(name))
      .sort()
  }

  #read<T>(
    name: string,
    wanted: string,
    parse: (text: string) => T | undefined,
    describe: (text: string) => string = show,
  ): T | undefined {
    this.#known.add(name)
    const text = this.#env[name]?.trim()
    if (text === undefined || text === '') return undefined
    const value = parse(text)
    if (value === undefined) this.refuse(name, wanted, describe(text))
    return value
  }
}

function bytesOf(name: string, text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : attempt(() => byteCount(name, text as Size))
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    // The caller reports what it wanted, in words of its own.
    return undefined
  }
}
