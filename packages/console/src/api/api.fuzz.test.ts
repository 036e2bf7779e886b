import { createCache } from '@tableforge/cache'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createConsole } from '../index.js'

const PATHS = [
  'session',
  'stats',
  'health',
  'history',
  'invalidations',
  'notices',
  'inspect',
  'live',
  '',
  'live/',
  '..',
  '%2e%2e',
  'sign-out',
]
const NAMES = ['key', 'limit', 'samples', 'after', '__proto__', 'x']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']

const part = fc.oneof(fc.constantFrom(...PATHS), fc.string({ maxLength: 20 }).map(encodeURIComponent))
const parameters = fc.array(
  fc.tuple(fc.constantFrom(...NAMES), fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer().map(String))),
  { maxLength: 3 },
)
const authorization = fc.constantFrom(undefined, 'Bearer a-token-of-the-operators', 'Bearer x', 'Basic eDp5')
const cookie = fc.oneof(
  fc.constant(undefined),
  fc.base64String().map((value) => `tableforge-console-fuzzed=${value}.${value}`),
)

test('whatever is asked, the API answers with what was asked for or with a JSON error, and never fails inside', async () => {
  const cache = createCache({ namespace: 'fuzzed' })
  await cache.ready()
  const operated = createConsole({ cache, auth: { token: 'a-token-of-the-operators' } })
  onTestFinished(async () => {
    await operated.close()
    await cache.close()
  })
  let address = 0
  await fc.assert(
    fc.asyncProperty(
      part,
      parameters,
      fc.constantFrom(...METHODS),
      authorization,
      cookie,
      async (path, query, method, auth, kept) => {
        const headers = new Headers({
          ...(auth === undefined ? {} : { authorization: auth }),
          ...(kept === undefined ? {} : { cookie: kept }),
        })
        const url = `http://localhost/console/api/${path}?${new URLSearchParams(query)}`
        address += 1
        // From many addresses, so that wrong credentials do not end the test in 429 for all that follows.
        const response = await operated.fetch(new Request(url, { method, headers }), {
          address: `10.0.${address >> 8}.${address & 255}`,
        })
        expect(response.status).not.toBe(500)
        expect(response.headers.get('content-security-policy')).not.toBeNull()
        const known = auth?.endsWith('operators') === true
        if (!known) expect(response.status).toBeGreaterThanOrEqual(400)
        if (response.headers.get('content-type')?.startsWith('text/event-stream')) await response.body?.cancel()
        else if (
          response.status >= 400 &&
          method !== 'HEAD' &&
          response.headers.get('content-type')?.startsWith('application/json')
        ) {
          expect(await response.json()).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
        }
      },
    ),
    { numRuns: 500 },
  )
})

/** Bytes, any JSON, and JSON that is nearly an action. */
const anything = fc.anything({ withNullPrototype: true, maxDepth: 3 })
const nearly = fc.record(
  {
    type: fc.oneof(fc.constantFrom('invalidate', 'clear', 'warm', 'bypass', 'silence', 'unsilence'), anything),
    target: fc.oneof(
      fc.dictionary(fc.constantFrom('key', 'tag', 'pattern', 'regex', '__proto__'), fc.oneof(fc.string(), anything)),
      anything,
    ),
    definition: fc.oneof(fc.constantFrom('room', 'nothing', '__proto__'), anything),
    top: fc.oneof(fc.integer(), anything),
    tier: fc.oneof(fc.constantFrom('memory', 'remote'), anything),
    on: fc.oneof(fc.boolean(), anything),
    alert: anything,
    durationMs: anything,
  },
  { requiredKeys: [] },
)
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.json(),
  fc.record({ action: nearly, confirm: fc.oneof(fc.string(), anything), reason: anything }, { requiredKeys: [] }),
)

/** JSON of what can be said in JSON. */
function sent(given: Uint8Array | string | object): Uint8Array<ArrayBuffer> | string {
  if (typeof given === 'string') return given
  if (given instanceof Uint8Array) return Uint8Array.from(given)
  return JSON.stringify(given, (_name, value) => (typeof value === 'bigint' ? String(value) : value))
}

test('whatever an operator sends as an action is previewed or refused with a JSON error, and does nothing unconfirmed', async () => {
  const cache = createCache({ namespace: 'fuzzed', defaults: { ttl: '1h' }, maxStaleness: '1h' })
  await cache.ready()
  const rooms = cache.define('room', { key: (id: string) => id, load: async (id) => id })
  await rooms.get('r1')
  const operated = createConsole({ cache, auth: { token: 'a-token-of-the-operators' } })
  onTestFinished(async () => {
    await operated.close()
    await cache.close()
  })
  const headers = { authorization: 'Bearer a-token-of-the-operators', 'content-type': 'application/json' }
  let previewed = 0
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('actions', 'actions/preview'), body, async (path, given) => {
      const url = `http://localhost/console/api/${path}`
      const response = await operated.fetch(new Request(url, { method: 'POST', headers, body: sent(given) }))
      const answer = (await response.json()) as { error: { message: string } }
      if (response.status === 200) {
        expect(path).toBe('actions/preview')
        previewed++
      } else {
        expect([400, 403, 404, 409, 413, 422]).toContain(response.status)
        expect(answer).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
        expect(answer.error.message.length).toBeLessThan(1_000)
      }
    }),
    { numRuns: 1_500 },
  )
  expect(previewed).toBeGreaterThan(0)
  expect(rooms.peek('r1')?.value).toBe('r1')
  expect(cache.stats().total.invalidations).toBe(0)
  expect(cache.stats().bypassed).toEqual([])
  expect(({} as Record<string, unknown>).key).toBeUndefined()
})
