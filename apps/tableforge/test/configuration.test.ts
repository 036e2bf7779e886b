import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfiguration } from '../src/configuration.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tableforge-configuration-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const read = (env: Record<string, string>) => readConfiguration({ TABLEFORGE_DATA: folder, ...env })

const complaintOf = (env: Record<string, string>): Promise<string> =>
  read(env).then(
    () => 'nothing is wrong',
    (error: Error) => error.message,
  )

it('needs nothing of the environment', async () => {
  expect(await read({})).toMatchObject({ port: 3000, bots: 24, secure: false, databaseUrl: undefined })
})

it('names every wrong variable at once, those of the cache among them', async () => {
  const complaint = await complaintOf({ CONSOLE_TOKEN: 'short', BOTS: 'many', CACHE_TTL: '3600', REDIS_URL: 'nowhere' })
  for (const name of ['CONSOLE_TOKEN', 'BOTS', 'CACHE_TTL', 'REDIS_URL'])
    expect(complaint).toContain(`${name}: expected`)
})

it.each([
  [{ CONSOLE_TOKEN: 'short' }, 'CONSOLE_TOKEN: expected at least 16 characters'],
  [{ SESSION_SECRET: 'hunter2' }, 'SESSION_SECRET: expected at least 32 characters'],
  [
    { DATABASE_URL: 'mysql://app:hunter2@host/db' },
    'DATABASE_URL: expected a URL such as postgres://user:password@host:5432/database',
  ],
])('%j is refused without being repeated', async (env, complaint) => {
  expect(await complaintOf(env)).toBe(complaint)
})
