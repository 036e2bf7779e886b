import { describe, expect, it } from 'vitest'
import { ENVIRONMENT_PRESETS, fromEnvironment } from './environment.js'
import { CacheError } from './errors.js'
import { resolveOptions } from './options.js'

const REDIS_URL = 'redis://app:hunter2@redis.internal:6379/0'

function problemsOf(env: Record<string, string>): string {
  try {
    fromEnvironment(env)
  } catch (error) {
    if (error instanceof CacheError && error.code === 'invalid-option') return error.message
    throw error
  }
  throw new Error('expected the environment to be refused')
}

describe('the environment', () => {
  it.each([
    [{}, 'development'],
    [{ NODE_ENV: 'test' }, 'development'],
    [{ NODE_ENV: 'development' }, 'development'],
    [{ NODE_ENV: 'production', REDIS_URL }, 'production'],
    [{ NODE_ENV: 'production', CACHE_ENV: 'staging', REDIS_URL }, 'staging'],
    [{ NODE_ENV: 'something else', CACHE_ENV: 'Development' }, 'development'],
    [{ NODE_ENV: '', CACHE_ENV: ' ' }, 'development'],
  ])('%j is %s', (env, environment) => {
    expect(fromEnvironment(env).environment).toBe(environment)
  })

  it('turns its variables of alerts into options of the cache, unless they are off', () => {
    const env = {
      CACHE_ALERTS: 'on',
      CACHE_ALERTS_WEBHOOK: 'https://hooks.example/x',
      CACHE_ALERTS_FORMAT: 'slack',
      CACHE_ALERTS_SECRET: 'sixteen letters!',
    }
    expect(fromEnvironment(env).cache.alerts).toMatchObject({
      interval: 60_000,
      webhooks: [{ url: 'https://hooks.example/x', format: 'slack', secret: 'sixteen letters!' }],
    })
    expect(fromEnvironment({ ...env, CACHE_ALERTS: 'off' }).cache.alerts).toBeUndefined()
    expect(() => fromEnvironment({ CACHE_ALERTS_SECRET: 'too short' })).toThrow(
      'CACHE_ALERTS_SECRET: expected at least 16 characters, got 9 (not shown)',
    )
  })

  it('in development needs no Redis, is small and tells everything', () => {
    const settings = fromEnvironment({})
    expect(settings).toMatchObject({
      cache: { memory: { maxEntries: 1_000 } },
      logLevel: 'debug',
      alerts: { enabled: false, intervalMs: 60_000, hitRate: 0.8, errorRate: 0.05 },
      ignored: [],
    })
    expect('redisUrl' in settings).toBe(false)
  })

  it('in production is large, keeps grace, and alerts early', () => {
    expect(fromEnvironment({ NODE_ENV: 'production', REDIS_URL })).toEqual({
      environment: 'production',
      redisUrl: REDIS_URL,
      cache: {
        alerts: { interval: 30_000, thresholds: { hitRate: 0.85, errorRate: 0.02, latency: 50 }, webhooks: [] },
        memory: { maxEntries: 100_000, maxBytes: 536_870_912 },
        remoteOptions: {},
        defaults: { grace: 21_600_000, jitter: 0.1, softTimeout: 100 },
      },
      logLevel: 'info',
      alerts: { enabled: true, intervalMs: 30_000, hitRate: 0.85, errorRate: 0.02, latencyMs: 50 },
      ignored: [],
    })
  })

  it.each(['staging', 'production'])('refuses %s without a Redis', (environment) => {
    expect(problemsOf({ CACHE_ENV: environment })).toContain(
      `REDIS_URL: expected a URL such as redis://host:6379 (${environment} needs a real Redis), got nothing`,
    )
  })

  it.each(Object.keys(ENVIRONMENT_PRESETS))('gives options that a cache accepts, in %s', (CACHE_ENV) => {
    expect(() => resolveOptions(fromEnvironment({ CACHE_ENV, REDIS_URL }).cache, 'node')).not.toThrow()
  })
})

describe('variables', () => {
  it('override every value of the preset', () => {
    const settings = fromEnvironment({
      NODE_ENV: 'production',
      REDIS_URL: 'rediss://cache.internal',
      CACHE_NAMESPACE: 'game.v2',
      CACHE_NODE: 'web-1',
      CACHE_MEMORY_MAX_ENTRIES: '500',
      CACHE_MEMORY_MAX_BYTES: '64mb',
      CACHE_MEMORY_TTL: '90s',
      CACHE_TTL: '2h',
      CACHE_GRACE: '0',
      CACHE_JITTER: '.25',
      CACHE_MAX_STALENESS: '1.5s',
      CACHE_ON_PARTITION: 'bypass',
      CACHE_SOFT_TIMEOUT: '50ms',
      CACHE_HARD_TIMEOUT: '4s',
      CACHE_REMOTE_TIMEOUT: '200ms',
      CACHE_COMPRESS_ABOVE: '4096',
      CACHE_LOG_LEVEL: 'warn',
      CACHE_ALERTS: 'off',
      CACHE_ALERTS_WEBHOOK: 'https://hooks.example/T0/secret',
      CACHE_ALERTS_INTERVAL: '10s',
      CACHE_ALERTS_HIT_RATE: '0.5',
      CACHE_ALERTS_ERROR_RATE: '1',
      CACHE_ALERTS_LATENCY: '20ms',
    })
    expect(settings).toEqual({
      environment: 'production',
      redisUrl: 'rediss://cache.internal',
      cache: {
        namespace: 'game.v2',
        node: 'web-1',
        maxStaleness: 1_500,
        onPartition: 'bypass',
        memory: { maxEntries: 500, maxBytes: 67_108_864, ttl: 90_000 },
        remoteOptions: { timeout: 200, compressAbove: 4_096 },
        defaults: { ttl: 7_200_000, grace: 0, jitter: 0.25, softTimeout: 50, hardTimeout: 4_000 },
      },
      logLevel: 'warn',
      alerts: {
        enabled: false,
        webhook: 'https://hooks.example/T0/secret',
        intervalMs: 10_000,
        hitRate: 0.5,
        errorRate: 1,
        latencyMs: 20,
      },
      ignored: [],
    })
    expect(resolveOptions(settings.cache, 'node').remoteOptions.compressAbove).toBe(4_096)
  })

  it('turn compression off', () => {
    const { cache } = fromEnvironment({ CACHE_COMPRESS_ABOVE: 'off' })
    expect(resolveOptions(cache, 'node').remoteOptions.compressAbove).toBe(Number.POSITIVE_INFINITY)
  })

  it('that nobody knows are named, for they may be misspelled', () => {
    expect(fromEnvironment({ CACHE_TLL: '5m', CACHE_GRACE: '1h', PATH: '/bin', CACHE_A: '' }).ignored).toEqual([
      'CACHE_A',
      'CACHE_TLL',
    ])
  })

  it.each([
    ['NODE_ENV', 'prod', 'NODE_ENV: expected development, test, staging, production, got "prod"'],
    ['CACHE_ENV', 'live', 'CACHE_ENV: expected development, test, staging, production, got "live"'],
    ['CACHE_NAMESPACE', 'a:b', 'CACHE_NAMESPACE: expected 1 to 64 characters of A-Z a-z 0-9 . _ -, got "a:b"'],
    ['CACHE_MEMORY_MAX_ENTRIES', '1e3', 'CACHE_MEMORY_MAX_ENTRIES: expected a whole number of at least 1, got "1e3"'],
    ['CACHE_MEMORY_MAX_ENTRIES', '0', 'CACHE_MEMORY_MAX_ENTRIES: expected a whole number of at least 1, got "0"'],
    [
      'CACHE_MEMORY_MAX_BYTES',
      '64 miles',
      'CACHE_MEMORY_MAX_BYTES: expected a size above 0, such as 1048576, 64kb, 256mb, 2gb, got "64 miles"',
    ],
    ['CACHE_MEMORY_MAX_BYTES', '0', 'CACHE_MEMORY_MAX_BYTES: expected a size above 0'],
    [
      'CACHE_TTL',
      '3600',
      'CACHE_TTL: expected a duration with its unit, such as 250ms, 5s, 5m, 1h, 7d, more than 0, got "3600"',
    ],
    [
      'CACHE_TTL',
      '0s',
      'CACHE_TTL: expected a duration with its unit, such as 250ms, 5s, 5m, 1h, 7d, more than 0, got "0s"',
    ],
    ['CACHE_GRACE', '-5s', 'CACHE_GRACE: expected a duration with its unit, such as 250ms, 5s, 5m, 1h, 7d, got "-5s"'],
    ['CACHE_COMPRESS_ABOVE', 'never', `CACHE_COMPRESS_ABOVE: expected a size such as 1024, 1kb, or 'off', got "never"`],
    ['CACHE_LOG_LEVEL', 'loud', 'CACHE_LOG_LEVEL: expected silent, error, warn, info, debug, got "loud"'],
    ['CACHE_ALERTS', 'yes', 'CACHE_ALERTS: expected on, off, true, false, got "yes"'],
    ['CACHE_ALERTS_HIT_RATE', '80%', 'CACHE_ALERTS_HIT_RATE: expected a number from 0 to 1, got "80%"'],
    ['CACHE_ALERTS_ERROR_RATE', '1.1', 'CACHE_ALERTS_ERROR_RATE: expected a number from 0 to 1, got "1.1"'],
  ])('%s=%s is refused with what it got and what it wants', (name, value, message) => {
    expect(problemsOf({ [name]: value })).toContain(message)
  })

  it('are all reported at once', () => {
    const [first, ...lines] = problemsOf({ CACHE_ENV: 'staging', CACHE_TTL: '5', CACHE_JITTER: 'x' }).split('\n')
    expect(first).toBe('3 variables of the environment are not valid:')
    expect(lines.map((line) => line.split(':')[0]?.trim()).sort()).toEqual(['CACHE_JITTER', 'CACHE_TTL', 'REDIS_URL'])
  })

  it('a hard timeout below the soft one of the preset is refused', () => {
    expect(problemsOf({ NODE_ENV: 'production', REDIS_URL, CACHE_HARD_TIMEOUT: '80ms' })).toContain(
      'CACHE_HARD_TIMEOUT: expected more than the soft timeout (100 ms), got 80 ms',
    )
  })

  it.each([
    ['REDIS_URL', 'http://app:hunter2@redis', 'got a URL that begins with http:// (the rest may be secret)'],
    ['REDIS_URL', 'app:hunter2@redis:6379', 'got 22 characters that are no URL (not shown, they may be secret)'],
    ['REDIS_URL', 'redis://', 'got a URL that begins with redis:// (the rest may be secret)'],
    ['CACHE_ALERTS_WEBHOOK', 'hooks.example/hunter2', 'got 21 characters that are no URL'],
    ['CACHE_ALERTS_WEBHOOK', 'ftp://hooks.example/hunter2', 'got a URL that begins with ftp://'],
  ])('%s=%s is refused without its secrets', (name, value, got) => {
    const message = problemsOf({ [name]: value })
    expect(message).toContain(got)
    expect(message).not.toContain('hunter2')
    expect(message.split('\n')).toHaveLength(2)
  })
})
