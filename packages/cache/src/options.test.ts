import { describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import { type CacheOptions, DEFAULTS, type EntryOptions, resolveEntryOptions, resolveOptions } from './options.js'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const refused = (options: unknown, message: string | RegExp) =>
  expect(() => resolveOptions(options as CacheOptions, 'node')).toThrow(
    expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(message) }),
  )

describe('the options of a cache', () => {
  it('are complete without being given, and are the documented defaults', () => {
    expect(resolveOptions({}, 'node')).toEqual({ ...DEFAULTS, node: 'node' })
  })

  it('are frozen at every depth, because they are shared by everything', () => {
    const resolved = resolveOptions({ memory: { maxEntries: 5 }, defaults: { ttl: '1m' } }, 'node')
    for (const part of [resolved, resolved.memory, resolved.remoteOptions, resolved.defaults])
      expect(Object.isFrozen(part)).toBe(true)
  })

  it('are resolved to milliseconds and bytes', () => {
    const resolved = resolveOptions(
      {
        namespace: 'shop.eu_1-a',
        node: 'web-1',
        memory: { maxEntries: 5, maxBytes: '1kb', ttl: '2s', isolate: 'clone' },
        remoteOptions: { timeout: '50ms', lease: '1s', compressAbove: '2kb', maxRecovery: 7 },
        defaults: { ttl: '1m', grace: '1h', softTimeout: '100ms', hardTimeout: '2s', negativeTtl: '5s' },
      },
      'unused',
    )
    expect(resolved).toMatchObject({
      namespace: 'shop.eu_1-a',
      node: 'web-1',
      memory: { maxEntries: 5, maxBytes: 1_024, ttl: 2_000, isolate: 'clone' },
      remoteOptions: { timeout: 50, lease: 1_000, compressAbove: 2_048, maxRecovery: 7 },
      defaults: { ttl: 60_000, grace: 3_600_000, softTimeout: 100, hardTimeout: 2_000, negativeTtl: 5_000 },
    })
  })

  it('take false for never compressing', () => {
    const { remoteOptions } = resolveOptions({ remoteOptions: { compressAbove: false } }, 'node')
    expect(remoteOptions.compressAbove).toBe(Number.POSITIVE_INFINITY)
  })

  it('let defaults win over the shorthands for the bound of staleness and its policy', () => {
    expect(resolveOptions({ maxStaleness: '1s', onPartition: 'bypass' }, 'node').defaults).toMatchObject({
      maxStaleness: 1_000,
      onPartition: 'bypass',
    })
    const both = { maxStaleness: '1s', defaults: { maxStaleness: '2s' } } as const
    expect(resolveOptions(both, 'node').defaults.maxStaleness).toBe(2_000)
  })

  it('accept a remote tier and a logger', () => {
    expect(() => resolveOptions({ remote: inProcessRemote(), logger: quiet }, 'node')).not.toThrow()
  })

  it.each([
    [{ ttl: '1h' }, /^createCache\.ttl: .*unknown option/],
    [{ memory: { max: 1 } }, /^memory\.max: expected one of maxEntries, .*, got an unknown option$/],
    [{ memory: [] }, /^memory: expected an object of options, got an array of 0$/],
    [{ defaults: { tll: '5m' } }, /^defaults\.tll: expected one of ttl, .*, got an unknown option$/],
    [{ defaults: { tags: ['a'] } }, /^defaults\.tags: /],
    [{ memory: 5 }, /^memory: expected an object of options, got 5/],
    [{ remoteOptions: { timeoutMs: 1 } }, /^remoteOptions\.timeoutMs: /],
    [null, /^createCache: expected an object of options, got null/],
    [{ namespace: '' }, /^namespace: expected 1 to 64 characters .*, got ""/],
    [{ namespace: 'a:b' }, /^namespace: /],
    [{ namespace: 'a*' }, /^namespace: /],
    [{ namespace: '{a}' }, /^namespace: /],
    [{ namespace: 'a\n' }, /^namespace: /],
    [{ namespace: 'é' }, /^namespace: /],
    [{ namespace: 'n'.repeat(65) }, /^namespace: /],
    [{ namespace: 5 }, /^namespace: .*got 5/],
    [{ node: 'a b' }, /^node: /],
    [{ remote: {} }, /^remote: expected inProcessRemote\(\) or redis/],
    [{ remote: null }, /^remote: /],
    [{ logger: { ...quiet, warn: undefined } }, /^logger: .*warn\(details, message\)/],
    [{ memory: { maxEntries: 0 } }, /^memory\.maxEntries: expected a whole number of at least 1, got 0/],
    [{ memory: { maxEntries: 1.5 } }, /^memory\.maxEntries: /],
    [{ memory: { maxEntries: '10' } }, /^memory\.maxEntries: .*got "10"/],
    [{ memory: { maxBytes: 0 } }, /^memory\.maxBytes: expected more than 0/],
    [{ memory: { ttl: 0 } }, /^memory\.ttl: expected more than 0/],
    [{ memory: { sizeOf: 5 } }, /^memory\.sizeOf: expected a function/],
    [{ memory: { isolate: 'copy' } }, /^memory\.isolate: expected 'share' or 'freeze' or 'clone', got "copy"/],
    [{ remoteOptions: { timeout: 0 } }, /^remoteOptions\.timeout: expected more than 0/],
    [{ memory: { maxHeapShare: 0 } }, /^memory\.maxHeapShare: expected a share/],
    [{ memory: { maxHeapShare: 1.5 } }, /^memory\.maxHeapShare: expected a share/],
    [{ remoteOptions: { commitTimeout: 0 } }, /^remoteOptions\.commitTimeout: expected more than 0/],
    [{ remoteOptions: { maxPending: 0 } }, /^remoteOptions\.maxPending: /],
    [{ remoteOptions: { breaker: { failureRate: 0 } } }, /^remoteOptions\.breaker\.failureRate: expected a share/],
    [{ remoteOptions: { breaker: { slowRate: 1.1 } } }, /^remoteOptions\.breaker\.slowRate: expected a share/],
    [{ remoteOptions: { breaker: { slowAfter: 0 } } }, /^remoteOptions\.breaker\.slowAfter: expected more than 0/],
    [{ remoteOptions: { breaker: { minimumCalls: 0.5 } } }, /^remoteOptions\.breaker\.minimumCalls: /],
    [
      { remoteOptions: { breaker: { rest: '2s', maxRest: '1s' } } },
      /^remoteOptions\.breaker\.maxRest: expected at least/,
    ],
    [{ remoteOptions: { breaker: { threshold: 5 } } }, /^remoteOptions\.breaker\.threshold: expected one of/],
    [{ remoteOptions: { lease: '0s' } }, /^remoteOptions\.lease: expected more than 0/],
    [
      { remoteOptions: { lease: Number.POSITIVE_INFINITY } },
      /^remoteOptions\.lease: expected a duration that ends, got Infinity/,
    ],
    [{ remoteOptions: { compressAbove: true } }, /^remoteOptions\.compressAbove: expected a size/],
    [{ remoteOptions: { maxRecovery: 0 } }, /^remoteOptions\.maxRecovery: /],
    [{ onPartition: 'block' }, /^defaults\.onPartition: expected 'revalidate' or 'bypass' or 'serve', got "block"/],
    [{ maxStaleness: 0 }, /^defaults\.maxStaleness: expected more than 0/],
  ])('%j is refused by name', (options, message) => {
    refused(options, message)
  })
})

describe('the options of an entry', () => {
  const resolve = (over: unknown) => resolveEntryOptions('room', DEFAULTS.defaults, over as EntryOptions)

  it('are the very object that they cascade from when nothing is laid over it', () => {
    expect(resolveEntryOptions('room', DEFAULTS.defaults, undefined)).toBe(DEFAULTS.defaults)
  })

  it('change only what is given', () => {
    const base = resolve({ ttl: '1m', grace: '1h', freshness: 'remote' })
    expect(resolveEntryOptions('call', base, { ttl: '2m' })).toEqual({ ...base, ttl: 120_000 })
  })

  it('allow no grace, no jitter, and a soft timeout of nothing', () => {
    expect(resolve({ grace: 0, jitter: 0, softTimeout: 0 })).toMatchObject({ grace: 0, jitter: 0, softTimeout: 0 })
  })

  it.each([
    [{ ttl: 0 }, /^room\.ttl: expected more than 0/],
    [{ ttl: 'soon' }, /^room\.ttl: expected a duration/],
    [{ negativeTtl: 0 }, /^room\.negativeTtl: expected more than 0/],
    [{ grace: -1 }, /^room\.grace: expected a duration/],
    [{ hardTimeout: 0 }, /^room\.hardTimeout: expected more than 0/],
    [{ refreshAhead: 0 }, /^room\.refreshAhead: expected a share of the ttl above 0 and below 1, got 0/],
    [{ refreshAhead: 1 }, /^room\.refreshAhead: /],
    [{ refreshAhead: Number.NaN }, /^room\.refreshAhead: /],
    [{ jitter: -0.1 }, /^room\.jitter: expected a share of the ttl from 0 to 1/],
    [{ jitter: 1.1 }, /^room\.jitter: /],
    [{ jitter: Number.NaN }, /^room\.jitter: /],
    [{ softTimeout: '2s', hardTimeout: '2s' }, /^room\.softTimeout: expected less than hardTimeout \(2000 ms\)/],
    [{ maxStaleness: Number.POSITIVE_INFINITY }, /^room\.maxStaleness: expected a duration that ends, got Infinity/],
    [{ freshness: 'never' }, /^room\.freshness: expected 'memory' or 'remote', got "never"/],
  ])('%j is refused by name', (over, message) => {
    expect(() => resolve(over)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(message) }),
    )
  })

  it('refuse a soft timeout that only the cascade makes longer than the hard one', () => {
    const base = resolve({ softTimeout: '1s' })
    expect(() => resolveEntryOptions('call', base, { hardTimeout: '500ms' })).toThrow(/^call\.softTimeout: .*got 1000/)
  })
})
