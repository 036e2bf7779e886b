import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Cache, type CacheEventType, createCache } from '../../src/index.js'
import type { Logger } from '../../src/ports.js'
import { redis } from '../../src/redis/index.js'
import { type RedisService, startRedis } from './servers.js'

/** What must not be found in anything that the cache says of itself: passwords, keys and what is cached. */
const PASSWORD = `canary-password-${randomBytes(8).toString('hex')}`
const KEY = randomBytes(32).toString('base64')
const VALUE = `canary-value-${randomBytes(8).toString('hex')}`
const SECRETS = { password: PASSWORD, 'encryption key': KEY, value: VALUE }

let server: RedisService
beforeAll(async () => {
  server = await startRedis({ args: ['--requirepass', PASSWORD] })
})
afterAll(() => server.stop())

/** Everything said, in every form in which somebody may write it down. */
class Heard {
  readonly #said: string[] = []
  readonly kinds = new Set<string>()

  note(kind: string, ...things: unknown[]): void {
    this.kinds.add(kind)
    for (const thing of things) {
      this.#said.push(inspect(thing, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null }))
      this.#said.push(JSON.stringify(thing, (_, value) => (typeof value === 'bigint' ? String(value) : value)) ?? '')
    }
  }

  /** Where a secret was found, with what stands around it. */
  leaks(): string[] {
    return Object.entries(SECRETS).flatMap(([name, secret]) =>
      this.#said.flatMap((text) => {
        const at = text.indexOf(secret)
        return at < 0 ? [] : [`the ${name} in: ${text.slice(Math.max(0, at - 150), at + 60)}`]
      }),
    )
  }
}

function listeningTo(heard: Heard): Logger {
  const level = (name: string) => (details: object, message: string) => heard.note(name, details, message)
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
}

/** The types of events as the source declares them, so that one that is added is listened to here as well. */
const source = readFileSync(new URL('../../src/events.ts', import.meta.url), 'utf8')
const EVENT_TYPES = [...source.matchAll(/readonly type: '([\w-]+)'/g)].map((match) => match[1] as CacheEventType)

function open(heard: Heard, url: string, options: Parameters<typeof createCache>[0] = {}): Cache {
  const cache = createCache({
    namespace: 'secrets',
    logger: listeningTo(heard),
    remote: redis({ url, logLength: 10 }),
    maxStaleness: 300,
    ...options,
  })
  for (const type of EVENT_TYPES) cache.on(type, (event) => heard.note(type, event))
  return cache
}

/** Does with the cache all that can be done, and much that goes wrong. */
async function use(cache: Cache, heard: Heard): Promise<void> {
  const attempt = (act: () => unknown) =>
    Promise.resolve()
      .then(act)
      .catch((error: unknown) => heard.note('rejection', error))
  const secretive = cache.define(`secretive-${cache.definitions.size}`, {
    key: (id: string) => id,
    load: (id) => ({ id, secret: VALUE }),
    tags: () => ['t'],
    schema: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) =>
          String((value as { id?: unknown }).id).startsWith('bad') ? { issues: [{ message: 'no' }] } : { value },
      },
    },
    ttl: '1s',
    grace: '1h',
  })
  await attempt(() => secretive.get('a'))
  await attempt(() => secretive.get('a', { freshness: 'remote' }))
  await attempt(() => secretive.get('bad'))
  await attempt(() => secretive.set('bad', { id: 'bad', secret: VALUE }))
  await attempt(() => cache.set('text', VALUE))
  await attempt(() => cache.set('unstorable', { secret: VALUE, wrong: () => VALUE }))
  await attempt(() => cache.set('circular', Object.assign(new (class Secret {})(), { secret: VALUE })))
  await attempt(() => cache.getOrLoad('text', VALUE as never))
  await attempt(() => cache.invalidate({ tag: 't' }))
  await attempt(() => cache.invalidate({ pattern: 'te*' }))
  await attempt(() => cache.clear())
  heard.note('stats', cache.stats(), await cache.health())
  heard.note('inspection', await cache.inspect('text').catch((error: unknown) => error))
}

it('no log, event, figure or error contains a password, a key or a cached value, whatever goes wrong', async () => {
  const heard = new Heard()
  const address = `${server.host}:${server.port}`
  const keys = [{ id: 'k1', secret: KEY }]
  const plain = open(heard, `redis://:${PASSWORD}@${address}`)
  const sealed = open(heard, `redis://:${PASSWORD}@${address}`, { encryption: { keys } })
  const wrong = open(heard, `redis://:${PASSWORD}x@${address}`)
  const nowhere = open(heard, `redis://:${PASSWORD}@127.0.0.1:1`)
  const all = [plain, sealed, wrong, nowhere]
  try {
    for (const cache of all) await cache.ready().catch((error: unknown) => heard.note('refusal', error))
    // What the one has written is damaged to the other, and the other way round.
    for (const cache of [plain, sealed, plain]) await use(cache, heard)
    for (const cache of [wrong, nowhere]) await use(cache, heard)
    for (const bad of [`redis://:${PASSWORD}@:port`, `http://:${PASSWORD}@host`, `redis://:${PASSWORD}@host/db`]) {
      try {
        redis({ url: bad })
      } catch (error) {
        heard.note('bad option', error)
      }
    }
    try {
      createCache({ encryption: { keys: [{ id: 'k', secret: KEY.slice(4) }] } })
    } catch (error) {
      heard.note('bad option', error)
    }
    await server.kill()
    await vi.waitFor(() => expect(plain.stats().remote.state).toBe('down'), 20_000)
    for (const cache of [plain, sealed]) await use(cache, heard)
  } finally {
    await Promise.all(all.map((cache) => cache.close()))
  }
  const kinds = [
    'hit',
    'miss',
    'load',
    'set',
    'invalidate',
    'damaged',
    'schema-mismatch',
    'remote-error',
    'warn',
    'rejection',
  ]
  expect([...heard.kinds]).toEqual(expect.arrayContaining([...kinds, 'refusal', 'bad option', 'stats']))
  expect(heard.leaks()).toEqual([])
})
