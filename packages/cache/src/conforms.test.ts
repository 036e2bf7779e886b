import { expect, it } from 'vitest'
import { createCache } from './create-cache.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { StandardSchemaV1 } from './options.js'

/** Throws for what has no name, as a schema made by hand may. */
const named: StandardSchemaV1<unknown, unknown> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => ({ value: (value as { name: string }).name.trim() }),
  },
}

it('a value that makes its schema throw does not conform: it is returned and not cached, and no hit', async () => {
  const remote = inProcessRemote()
  const cache = createCache({ remote })
  const rooms = cache.define('room', { key: (id: string) => id, load: async () => ({}), schema: named })
  let mismatches = 0
  cache.on('schema-mismatch', () => mismatches++)
  expect(await rooms.get('r')).toEqual({})
  expect(await rooms.get('r')).toEqual({})
  expect(cache.stats().total.loads).toBe(2)
  await expect(rooms.set('r', {})).rejects.toMatchObject({ code: 'invalid-argument' })

  const lax = createCache({ remote })
  await lax.define('room', { key: (id: string) => id }).set('r', {})
  expect(await rooms.get('r', { freshness: 'remote' })).toEqual({})
  expect(cache.stats().total).toMatchObject({ loads: 3, remoteHits: 0 })
  expect(mismatches).toBeGreaterThanOrEqual(3)
  await cache.close()
  await lax.close()
})
