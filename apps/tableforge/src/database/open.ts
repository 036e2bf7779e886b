import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drizzle as drizzleServer } from 'drizzle-orm/node-postgres'
import { migrate as migrateServer } from 'drizzle-orm/node-postgres/migrator'
import { drizzle as drizzleEmbedded } from 'drizzle-orm/pglite'
import { migrate as migrateEmbedded } from 'drizzle-orm/pglite/migrator'
import type { Logger } from 'pino'
import { digest } from '../identifiers.js'
import type { OpenDatabase } from './database.js'
import { openEmbedded } from './embedded.js'
import { Pool } from './pool.js'
import * as schema from './schema.js'
import { seed } from './seed.js'

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))

/** Any number will do, as long as every process of the app takes the same lock. */
const MIGRATION_LOCK = 7_238_201

/**
 * Opens the database with its tables in the newest form and, when it is new, the demo table in it. `url` names a
 * PostgreSQL server; without one the database is embedded.
 */
export async function openDatabase(url: string | undefined, dataFolder: string, logger: Logger): Promise<OpenDatabase> {
  return url === undefined ? openInProcess(dataFolder) : openServer(url, logger)
}

async function openInProcess(dataFolder: string): Promise<OpenDatabase> {
  const journal = await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8')
  const client = await openEmbedded(dataFolder, digest(journal).slice(0, 8), (fresh) =>
    migrateEmbedded(drizzleEmbedded(fresh), { migrationsFolder }),
  )
  const db = drizzleEmbedded(client, { schema })
  const identity = await seed(db)
  return { db, kind: 'embedded', identity, close: () => client.close() }
}

async function openServer(url: string, logger: Logger): Promise<OpenDatabase> {
  const pool = new Pool(url, logger)
  try {
    const identity = await prepare(pool)
    return { db: drizzleServer(pool, { schema }), kind: 'server', identity, close: () => pool.end() }
  } catch (error) {
    await pool.end()
    throw new Error(`DATABASE_URL: the PostgreSQL server cannot be used: ${reason(error)}`, { cause: error })
  }
}

/** Processes that start at once take turns, so that migrations and the demo table are made once. */
async function prepare(pool: Pool): Promise<string> {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const db = drizzleServer(client, { schema })
    await migrateServer(db, { migrationsFolder })
    const identity = await seed(db)
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK])
    client.release()
    return identity
  } catch (error) {
    // Closing the connection gives the lock back.
    client.release(true)
    throw error
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
