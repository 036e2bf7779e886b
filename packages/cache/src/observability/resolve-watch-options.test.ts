import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createCache } from '../create-cache.js'
import type { WatchOptions } from '../watch-options.js'
import { resolveWatchOptions } from './resolve-watch-options.js'
import { VERSION } from './version.js'

const URL_WITH_SECRET = 'https://hooks.example/very-secret'

describe('the options by which a cache is watched', () => {
  it('are off unless asked for, and history comes with what is judged by it', () => {
    expect(resolveWatchOptions({}, 5_000)).toBeUndefined()
    expect(resolveWatchOptions({ alerts: false, heavyHitters: false }, 5_000)).toBeUndefined()
    expect(resolveWatchOptions({ history: true }, 5_000)).toMatchObject({ publishMs: 10_000, alerts: undefined })
    expect(resolveWatchOptions({ alerts: true }, 5_000)?.alerts).toMatchObject({
      intervalMs: 60_000,
      pendingMs: 60_000,
      windowMs: 300_000,
      repeatMs: 300_000,
      minReads: 100,
      thresholds: {
        hitRate: { warning: 0.8, critical: 0.6 },
        latencyMs: { warning: 100, critical: 200 },
        connectionMs: { warning: 15_000, critical: 60_000 },
      },
    })
  })

  it('suppose no lost connection within the bound of staleness', () => {
    expect(resolveWatchOptions({ alerts: true }, 60_000)?.alerts?.thresholds.connectionMs?.warning).toBe(180_000)
  })

  it.each<[string, WatchOptions, RegExp]>([
    ['an unknown option', { alerts: { intervall: 1 } as never }, /alerts\.intervall: expected .*interval/],
    ['history switched off under alerts', { history: false, alerts: true }, /history: expected not false/],
    [
      'publishing too often',
      { history: { publish: 10 } },
      /history\.publish: expected a duration from 1000 to 60000 ms/,
    ],
    ['a share above 1', { alerts: { thresholds: { hitRate: 80 } } }, /alerts\.thresholds\.hitRate: expected a share/],
    [
      'a target of 1',
      { slo: { room: { availability: 1 } } },
      /slo\.room\.availability: expected a share above 0 and below 1/,
    ],
    [
      'a window beyond the history',
      { slo: { room: { hitRate: 0.9, window: '30d' } } },
      /slo\.room\.window: expected a duration/,
    ],
    [
      'a rule with a built-in name',
      { alerts: { rules: [{ name: 'hit-rate-low', judge: () => undefined }] } },
      /rules\[0\]\.name/,
    ],
    ['a rule that is no function', { alerts: { rules: [{ name: 'mine', judge: 1 as never }] } }, /rules\[0\]\.judge/],
    ['a webhook without a URL', { alerts: { webhooks: [{ url: 'hooks.example/very-secret' }] } }, /webhooks\[0\]\.url/],
    ['a short secret', { alerts: { webhooks: [{ url: URL_WITH_SECRET, secret: 'short' }] } }, /webhooks\[0\]\.secret/],
    [
      'an unknown format',
      { alerts: { webhooks: [{ url: URL_WITH_SECRET, format: 'mail' as never }] } },
      /webhooks\[0\]\.format/,
    ],
    ['a sample above 1', { heavyHitters: { sample: 2 } }, /heavyHitters\.sample/],
  ])('refuse %s, by name', (_what, options, message) => {
    expect(() => createCache(options)).toThrow(message)
    expect(() => createCache(options)).not.toThrow(/very-secret/)
  })
})

it('the version that a process tells the fleet is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(VERSION).toBe(manifest.version)
})
