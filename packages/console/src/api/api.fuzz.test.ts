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
