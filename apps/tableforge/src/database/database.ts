import type { PgDatabase, PgQueryResultHKT, PgTransactionConfig } from 'drizzle-orm/pg-core'
import type * as schema from './schema.js'

/** The SQL database, embedded or a server; a transaction is one too. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>

/** For reads of several statements that must see one state of the database. */
export const SNAPSHOT: PgTransactionConfig = { isolationLevel: 'repeatable read', accessMode: 'read only' }

export interface OpenDatabase {
  readonly db: Database
  readonly kind: 'embedded' | 'server'
  /** Random, made when the database was; two processes on one database see the same. */
  readonly identity: string
  close(): Promise<void>
}
