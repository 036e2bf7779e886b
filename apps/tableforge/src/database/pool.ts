import pg from 'pg'
import type { Logger } from 'pino'

/** Gives a client back; with an error, so that it is not used again. */
type Release = pg.PoolClient['release']

/**
 * A pool of connections to PostgreSQL that gets back what was cut while it was taken out. drizzle does not give a
 * connection back whose transaction fails to begin: ten such would use up the pool, and its end would wait for them.
 */
export class Pool extends pg.Pool {
  constructor(url: string, logger: Logger) {
    super({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 })
    // A connection that breaks must not end the process: the pool opens another when one is needed. The pool itself
    // listens to idle ones only; who works on one hears of it by the query that fails.
    this.on('error', (error) => logger.warn({ error: error.message }, 'a database connection broke'))
    this.on('connect', (client) =>
      client.on('error', (error) => logger.warn({ error: error.message }, 'a query was cut off')),
    )
  }

  override connect(): Promise<pg.PoolClient>
  override connect(
    callback: (error: Error | undefined, client: pg.PoolClient | undefined, release: Release) => void,
  ): void
  override connect(
    callback?: (error: Error | undefined, client: pg.PoolClient | undefined, release: Release) => void,
  ): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) return super.connect().then(comingBack)
    // The pool's own queries, which see to it themselves.
    super.connect(callback)
    return undefined
  }
}

/** A client that is given back when its connection is cut, and once only. */
function comingBack(client: pg.PoolClient): pg.PoolClient {
  const release = client.release.bind(client)
  let isBack = false
  const giveBack: Release = (error) => {
    if (isBack) return
    isBack = true
    client.off('error', giveBack)
    release(error)
  }
  client.once('error', giveBack)
  client.release = giveBack
  return client
}
