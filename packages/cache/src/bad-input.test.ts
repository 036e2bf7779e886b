import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audited } from './analytics/index.js'
import type { Cache } from './cache.js'
import { createCache } from './create-cache.js'
import type { Definition } from './definition.js'
import { fromEnvironment } from './environment.js'
import { CacheError } from './errors.js'
import { healthHandler, prometheusHandler } from './observability/index.js'
import { syntheticTrace } from './simulator/index.js'
import type { Watching } from './watching.js'

/** What callers without a compiler hand over. */
const STRANGE = [
  undefined,
  null,
  Number.NaN,
  5,
  '',
  'text',
  '\ud800',
  'x'.repeat(3_000),
  Symbol('s'),
  {},
  [],
  [[]],
  () => 1,
]

let cache: Cache
let rooms: Definition<[string], unknown>

beforeAll(() => {
  cache = createCache()
  rooms = cache.define('room', { key: (id: string) => id, load: async (id) => id })
})
afterAll(() => cache.close())

type Call = (strange: never) => unknown

const calls: Record<string, Call> = {
  'cache.get(key)': (key) => cache.get(key),
  'cache.get(_, options)': (options) => cache.get('k', options),
  'cache.getOrLoad(key)': (key) => cache.getOrLoad(key, () => 1),
  'cache.getOrLoad(_, loader)': (loader) => cache.getOrLoad('k', loader),
  'cache.getOrLoad(_, _, options)': (options) => cache.getOrLoad('k', () => 1, options),
  'cache.getMany(keys)': (keys) => cache.getMany(keys),
  'cache.getMany([key])': (key) => cache.getMany([key]),
  'cache.getMany(_, options)': (options) => cache.getMany(['k'], options),
  'cache.has(key)': (key) => cache.has(key),
  'cache.peek(key)': (key) => cache.peek(key),
  'cache.set(key)': (key) => cache.set(key, 1),
  'cache.set(_, _, options)': (options) => cache.set('k', 1, options),
  'cache.set(_, _, { tags })': (tags) => cache.set('k', 1, { tags }),
  'cache.set(_, _, { ttl })': (ttl) => cache.set('k', 1, { ttl }),
  'cache.setMany(entries)': (entries) => cache.setMany(entries),
  'cache.setMany([entry])': (entry) => cache.setMany([entry]),
  'cache.delete(key)': (key) => cache.delete(key),
  'cache.invalidate(target)': (target) => cache.invalidate(target),
  'cache.invalidate({ key })': (key) => cache.invalidate({ key }),
  'cache.invalidate({ keys })': (keys) => cache.invalidate({ keys }),
  'cache.invalidate({ tag })': (tag) => cache.invalidate({ tag }),
  'cache.invalidate({ tags })': (tags) => cache.invalidate({ tags }),
  'cache.invalidate({ pattern })': (pattern) => cache.invalidate({ pattern }),
  'cache.invalidate({ regex })': (regex) => cache.invalidate({ regex }),
  'cache.invalidate({ mode })': (mode) => cache.invalidate({ key: 'k', mode }),
  'cache.inspect(key)': (key) => cache.inspect(key),
  'cache.preview(target)': (target) => cache.preview(target),
  'cache.define(name)': (name) => cache.define(name, { key: () => 'k' }),
  'cache.define(_, spec)': (spec) => cache.define('spec', spec),
  'cache.on(type)': (type) => cache.on(type, () => {}),
  'cache.on(_, listener)': (listener) => cache.on('miss', listener)(),
  'cache.sampleReads(share)': (share) => cache.sampleReads(share, () => {})(),
  'cache.sampleReads(_, listener)': (listener) => cache.sampleReads(0.5, listener)(),
  'cache.bypass(tier)': (tier) => cache.bypass(tier, false),
  'cache.bypass(_, on)': (on) => cache.bypass('memory', on),
  'cache.inspect(_, options)': (options) => cache.inspect('k', options),
  'cache.preview(_, options)': (options) => cache.preview({ key: 'k' }, options),
  'cache.preview(_, { maxExamined })': (maxExamined) => cache.preview('everything', { maxExamined }),
  'cache.close(options)': (options) => createCache().close(options),
  'definition.get(key)': (key) => rooms.get(key),
  'definition.get(_, options)': (options) => rooms.get('r', options),
  'definition.getMany(inputs)': (inputs) => rooms.getMany(inputs),
  'definition.getMany([input])': (input) => rooms.getMany([input]),
  'definition.has(key)': (key) => rooms.has(key),
  'definition.peek(key)': (key) => rooms.peek(key),
  'definition.set(key)': (key) => rooms.set(key, 1),
  'definition.set(_, _, options)': (options) => rooms.set('r', 1, options),
  'definition.setMany(entries)': (entries) => rooms.setMany(entries),
  'definition.setMany([entry])': (entry) => rooms.setMany([entry]),
  'definition.invalidate(key)': (key) => rooms.invalidate(key),
  'definition.invalidate(_, { mode })': (mode) => rooms.invalidate('r', { mode }),
  'definition.invalidateMany(inputs)': (inputs) => rooms.invalidateMany(inputs),
  'definition.invalidateAll({ mode })': (mode) => rooms.invalidateAll({ mode }),
  'definition.inspect(key)': (key) => rooms.inspect(key),
  'healthHandler(cache)': (one) => healthHandler(one),
  'healthHandler(_, options)': (options) => healthHandler(cache, options),
  'prometheusHandler(cache)': (one) => prometheusHandler(one),
  'prometheusHandler(_, options)': (options) => prometheusHandler(cache, options),
  'prometheusHandler(_, { labels })': (labels) => prometheusHandler(cache, { labels }),
  'audited(definition)': (definition) => audited(definition, { origin: async () => 1 }),
  'audited(_, source)': (source) => audited(rooms, source),
  'fromEnvironment(env)': (env) => fromEnvironment(env),
  'syntheticTrace(text)': (text) => syntheticTrace(text),
  'createCache(options)': (options) => createCache(options).close(),
  ...Object.fromEntries(
    ['namespace', 'node', 'memory', 'remote', 'remoteOptions', 'defaults', 'bulkhead', 'maxStaleness', 'onPartition']
      .concat('logger', 'tracing', 'clock', 'codec', 'encryption', 'history', 'alerts', 'slo', 'heavyHitters')
      .map((name): [string, Call] => [
        `createCache({ ${name} })`,
        (option) => createCache({ [name]: option } as object).close(),
      ]),
  ),
}

/** They answer at once, and refuse at once. All others promise an answer, and refuse by rejecting it. */
const AT_ONCE =
  /^(createCache|healthHandler|prometheusHandler|audited|fromEnvironment|syntheticTrace|(cache|definition)\.(peek|keyOf|define|on|sampleReads|bypass))\(/

interface Refusal {
  readonly error: unknown
  readonly by: 'throwing' | 'rejecting'
}

async function refusalOf(call: () => unknown): Promise<Refusal | undefined> {
  let answer: unknown
  try {
    answer = call()
  } catch (error) {
    return { error, by: 'throwing' }
  }
  try {
    await answer
    return undefined
  } catch (error) {
    return { error, by: 'rejecting' }
  }
}

async function outcome(call: Call, strange: unknown): Promise<unknown> {
  return (await refusalOf(() => call(strange as never)))?.error
}

describe('what is called with what it is not made for', () => {
  it.each(Object.entries(calls))('works or is refused by an error that says why: %s', async (name, call) => {
    for (const strange of STRANGE) {
      const refusal = await refusalOf(() => call(strange as never))
      if (refusal === undefined) continue
      expect(refusal.error, String(strange).slice(0, 20)).toBeInstanceOf(CacheError)
      expect(refusal.by, String(strange).slice(0, 20)).toBe(AT_ONCE.test(name) ? 'throwing' : 'rejecting')
    }
  })

  it('is told by the promise, where there is one, when a key function throws', async () => {
    const error = new TypeError('no such room')
    const refuses = (id: string): string => {
      if (id === 'none') throw error
      return id
    }
    const one = cache.define('by-one', { key: refuses, load: (id) => id })
    const two = cache.define('by-two', { key: (id: string, _part: string) => refuses(id), load: (id) => id })
    const promising: (() => Promise<unknown>)[] = [
      () => one.get('none'),
      () => one.get('none', { details: true }),
      () => two.get('none', 'a'),
      () => one.getMany(['some', 'none']),
      () => one.getMany(['some', 'none'], { ttl: '1m' }),
      () => one.has('none'),
      () => one.set('none', 'a'),
      () => one.setMany([['none', 'a']]),
      () => one.invalidate('none'),
      () => one.invalidateMany(['none']),
      () => one.inspect('none'),
    ]
    for (const call of promising) expect(await refusalOf(call), String(call)).toEqual({ error, by: 'rejecting' })
    expect(await refusalOf(() => one.peek('none'))).toEqual({ error, by: 'throwing' })
    expect(await refusalOf(() => one.keyOf('none'))).toEqual({ error, by: 'throwing' })
  })

  it('leaves no read of a bulk call behind that fails and that nobody hears of', async () => {
    const begun: string[] = []
    const one = cache.define('by-hand', {
      key: (id: string) => {
        if (id === 'none') throw new TypeError('no such room')
        return id
      },
      load: (id) => {
        begun.push(id)
        return id
      },
    })
    await expect(one.getMany(['some', 'none'], { ttl: '1m' })).rejects.toThrow('no such room')
    await new Promise((resolve) => setImmediate(resolve))
    expect(begun).toEqual([])
  })

  it.each<[name: string, strange: unknown, message: RegExp]>([
    ['cache.getMany(keys)', 'room', /^getMany: expected an array, got "room"$/],
    [
      'cache.setMany(entries)',
      'room',
      /^setMany: expected an array, a Map or another iterable of \[key, value\], got "room"$/,
    ],
    ['cache.setMany([entry])', 'kv', /^setMany: .* got "kv"$/],
    ['cache.set(_, _, options)', 60, /expected an object of options, got 60$/],
    ['cache.on(type)', 'hits', /^on: expected one of hit, miss, .* got "hits"$/],
    ['cache.on(_, listener)', undefined, /^on\('miss'\): expected a function, got undefined$/],
    ['cache.define(name)', 5, /^define: expected 1 to 128 characters/],
    ['cache.set(_, _, options)', null, /^options: expected an object of options, got null$/],
    ['cache.set(_, _, options)', [], /^options: expected an object of options, got an array of 0$/],
    ['definition.set(_, _, options)', null, /^room\.set: expected an object of options, got null$/],
    ['cache.inspect(_, options)', { foo: 1 }, /^inspect\.foo: expected one of watch, got an unknown option$/],
    ['cache.close(options)', { foo: 1 }, /^close\.foo: expected one of timeout, got an unknown option$/],
    ['healthHandler(_, options)', { probe: 'livenes' }, /^healthHandler\.probe: expected 'readiness' or 'liveness'/],
    ['healthHandler(_, options)', { foo: 1 }, /^healthHandler\.foo: .*unknown option$/],
    ['healthHandler(cache)', undefined, /^healthHandler: expected a cache, got undefined$/],
    ['prometheusHandler(cache)', undefined, /^prometheusHandler: expected a cache, got undefined$/],
    ['prometheusHandler(_, options)', { foo: 1 }, /^prometheusHandler\.foo: .*unknown option$/],
    ['prometheusHandler(_, { labels })', { 'a-b': 'x' }, /^prometheusHandler\.labels: expected names .*, got "a-b"$/],
    ['prometheusHandler(_, { labels })', { __name: 'x' }, /^prometheusHandler\.labels: expected names /],
    ['audited(definition)', 'x', /^audited: expected a definition, got "x"$/],
    ['fromEnvironment(env)', null, /^fromEnvironment: expected variables such as process\.env, got null$/],
    ['syntheticTrace(text)', undefined, /^synthetic: expected a text such as 'zipf' .*, got undefined$/],
    ['cache.close(options)', 500, /^close: expected \{ timeout \}, got 500$/],
    ['definition.getMany(inputs)', 'r1', /^room\.getMany: expected an array, got "r1"$/],
    ['definition.invalidateMany(inputs)', 'r1', /^room\.invalidateMany: expected an array, got "r1"$/],
    ['definition.invalidateAll({ mode })', 'soft', /^invalidate\.mode: expected 'delete' or 'expire', got "soft"$/],
    ['createCache({ clock })', {}, /^clock: expected a clock with the method now, got an object of type Object$/],
    ['createCache({ codec })', {}, /^codec: expected a codec with the method encode, got an object of type Object$/],
  ])('is refused, and not taken for something else: %s of %s', async (name, strange, message) => {
    const error = await outcome(calls[name] as Call, strange)
    expect(error).toBeInstanceOf(CacheError)
    expect((error as CacheError).message).toMatch(message)
  })
})

describe('what a watched cache is asked for', () => {
  it.each<[ask: (watch: Watching) => Promise<unknown>, message: RegExp]>([
    [(watch) => watch.figures(undefined as never), /^figures: expected an object of options, got undefined$/],
    [(watch) => watch.figures({} as never), /^window: expected a duration/],
    [(watch) => watch.figures({ window: '5m', scope: null as never }), /^scope: expected 'fleet', .*got null$/],
    [(watch) => watch.history(undefined as never), /^history: expected an object of options, got undefined$/],
    [(watch) => watch.trends('5m' as never), /^trends: expected an object of options, got "5m"$/],
    [(watch) => watch.heavyHitters(undefined as never), /^heavyHitters: expected an object of options, got undefined$/],
    [(watch) => watch.bypass(undefined as never), /^bypass: expected an object of options, got undefined$/],
    [(watch) => watch.silence(undefined as never), /^silence: expected an object of options, got undefined$/],
    [(watch) => watch.report(null as never), /^report: expected an object of options, got null$/],
    [(watch) => watch.report('soon' as never), /^window: expected a duration .*got "soon"$/],
    [
      (watch) => watch.report({ windw: '5m' } as never),
      /^report\.windw: expected one of window, scope, got an unknown/,
    ],
  ])('is a query, or refused: %s', async (ask, message) => {
    const watched = createCache({ history: true, alerts: true, heavyHitters: true })
    await expect(ask(watched.watch)).rejects.toMatchObject({
      name: 'CacheError',
      code: 'invalid-option',
      message: expect.stringMatching(message),
    })
    await watched.close()
  })
})

describe('a value that throws when it is read', () => {
  const unreadable = () => ({
    get secret() {
      throw new TypeError('no')
    },
  })

  it.each([
    ['share', unreadable(), /^value\.secret: expected something that can be stored, got an error on reading it: no$/],
    ['freeze', unreadable(), /^value: expected one that memory can freeze \(memory\.isolate\): no$/],
    ['clone', unreadable(), /^value: expected one that memory can clone \(memory\.isolate\): no$/],
    ['clone', { act: () => 1 }, /^value: expected one that memory can clone \(memory\.isolate\): .* not be cloned/],
  ] as const)('is refused under isolation %s', async (isolate, value, message) => {
    const own = createCache({ memory: { isolate } })
    await expect(own.set('k', value)).rejects.toMatchObject({
      name: 'CacheError',
      code: 'invalid-argument',
      message: expect.stringMatching(message),
    })
    await own.close()
  })
})
