import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from './postgres.mjs'

const refuses = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(false))
    socket.on('error', () => resolve(true))
    socket.on('close', () => socket.destroy())
  })

test('a PostgreSQL service starts, answers, and stops and leaves no process, port or folder', async () => {
  const service = await startPostgres()
  expect(existsSync(service.folder)).toBe(true)
  const client = new pg.Client({ connectionString: service.url })
  await client.connect()
  const { rows } = await client.query<{ sum: number }>('select 20 + 22 as sum')
  expect(rows).toEqual([{ sum: 42 }])
  await client.end()

  await Promise.all([service.stop(), service.stop()])

  expect(() => process.kill(service.pid, 0)).toThrow('ESRCH')
  expect(await refuses(service.port)).toBe(true)
  expect(existsSync(service.folder)).toBe(false)
})

test('a PostgreSQL service stops while a client is still connected', async () => {
  const service = await startPostgres()
  const client = new pg.Client({ connectionString: service.url })
  const dropped = new Promise((resolve) => client.on('error', resolve))
  await client.connect()
  await service.stop()
  await dropped
  expect(() => process.kill(service.pid, 0)).toThrow('ESRCH')
})
