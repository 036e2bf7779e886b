import { invalidOption, refuseUnknown, show } from './errors.js'
import { type Duration, milliseconds } from './units.js'

/**
 * When calls to the remote tier are no longer made, and how long it is left alone before it is probed in the
 * background.
 */
export interface BreakerOptions {
  /** Share of the calls in the window that failed, above 0 and at most 1. Default 0.5. */
  failureRate?: number
  /** Share of the calls in the window that took longer than `slowAfter`, above 0 and at most 1. Default 0.8. */
  slowRate?: number
  /** A call that takes longer is slow. Default: half of `remoteOptions.timeout`. */
  slowAfter?: Duration
  /** Fewer calls than this in the window prove nothing. Default 10. */
  minimumCalls?: number
  /** Default `'2s'`. */
  window?: Duration
  /** Until the first probe; doubles with every probe that fails, up to `maxRest`. Default `'100ms'`, `'1s'`. */
  rest?: Duration
  maxRest?: Duration
}

/** {@link BreakerOptions}, resolved: durations in milliseconds. */
export interface BreakerSettings {
  readonly failureRate: number
  readonly slowRate: number
  readonly slowAfterMs: number
  readonly minimumCalls: number
  readonly windowMs: number
  readonly restMs: number
  readonly maxRestMs: number
}

/** Every default of the breaker, for the default timeout: a slow call takes half of that. */
export const BREAKER_DEFAULTS: BreakerSettings = Object.freeze({
  failureRate: 0.5,
  slowRate: 0.8,
  slowAfterMs: 40,
  minimumCalls: 10,
  windowMs: 2_000,
  restMs: 100,
  maxRestMs: 1_000,
})

const NAMES = new Set(['failureRate', 'slowRate', 'slowAfter', 'minimumCalls', 'window', 'rest', 'maxRest'])

/** Validates and completes; `timeoutMs` is what a read may take. */
export function resolveBreaker(where: string, options: BreakerOptions = {}, timeoutMs: number): BreakerSettings {
  refuseUnknown(where, options, NAMES)
  const rate = (option: 'failureRate' | 'slowRate') => {
    const value = options[option] ?? BREAKER_DEFAULTS[option]
    if (value > 0 && value <= 1) return value
    throw invalidOption(`${where}.${option}`, value, 'a share of the calls above 0 and at most 1')
  }
  const duration = (option: 'window' | 'rest' | 'maxRest' | 'slowAfter', fallback: number) => {
    const value = milliseconds(`${where}.${option}`, options[option] ?? fallback)
    if (value > 0 && value < Number.POSITIVE_INFINITY) return value
    throw invalidOption(`${where}.${option}`, options[option], 'more than 0')
  }
  const minimumCalls = options.minimumCalls ?? BREAKER_DEFAULTS.minimumCalls
  if (!Number.isSafeInteger(minimumCalls) || minimumCalls < 1)
    throw invalidOption(`${where}.minimumCalls`, minimumCalls, 'a whole number of at least 1')
  const restMs = duration('rest', BREAKER_DEFAULTS.restMs)
  const maxRestMs = duration('maxRest', Math.max(restMs, BREAKER_DEFAULTS.maxRestMs))
  if (maxRestMs < restMs)
    throw invalidOption(`${where}.maxRest`, options.maxRest, `at least ${where}.rest (${show(restMs)} ms)`)
  return Object.freeze({
    failureRate: rate('failureRate'),
    slowRate: rate('slowRate'),
    slowAfterMs: duration('slowAfter', timeoutMs / 2),
    minimumCalls,
    windowMs: duration('window', BREAKER_DEFAULTS.windowMs),
    restMs,
    maxRestMs,
  })
}
