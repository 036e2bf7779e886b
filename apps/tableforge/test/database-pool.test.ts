import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { PoolClient } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPostgres, type PostgresService, startPostgres } from '../../../scripts/services/postgres.mjs'
import { Pool } from '../src/database/pool.js'
import { eventually } from './support/table.js'

const nothing = () => undefined
const logger = { warn: nothing } as never

describe.skipIf(findPostgres() === undefined)('a pool of database connections', () => {
  let postgres: PostgresService

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.stop())

  /** A pool with one connection, which is taken out of it, and cut by the server. */
  async function withOneCut() {
    const pool = new Pool(postgres.url, logger)
    const client = await pool.connect()
    const { rows } = await client.query('select pg_backend_pid() as pid')
    const other = new Pool(postgres.url, logger)
    await other.query('select pg_terminate_backend($1)', [rows[0].pid])
    await other.end()
    await eventually('the pool is empty', () => pool.totalCount === 0)
    return { pool, client }
  }

  it('gets back what was cut while it was taken out, so that others find room and its end waits for nobody', async () => {
    const { pool } = await withOneCut()
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  it('takes a connection back once, whoever gives it back again', async () => {
    const { pool, client } = await withOneCut()
    expect(() => client.release()).not.toThrow()
    await pool.end()
  })

  it('is left with no connection of a transaction that could not begin', async () => {
    const pool = new Pool(postgres.url, logger)
    const db = drizzle(pool)
    await pool.query('select 1')
    const cut = new Pool(postgres.url, logger)
    // Every connection is cut as soon as it is taken out, before it is told to begin.
    const connect = pool.connect.bind(pool) as () => Promise<PoolClient>
    pool.connect = (async () => {
      const client = await connect()
      const { rows } = await client.query('select pg_backend_pid() as pid')
      await cut.query('select pg_terminate_backend($1)', [rows[0].pid])
      return client
    }) as unknown as Pool['connect']
    await expect(db.transaction((tx) => tx.execute(sql`select 1`))).rejects.toThrow()
    await eventually('the pool is empty', () => pool.totalCount === 0)
    await Promise.all([pool.end(), cut.end()])
  })
})
