import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { type Cache, createCache, inProcessRemote, type WatchOptions } from '@tableforge/cache'
import { createInvalidator, type Invalidator } from '@tableforge/cache/invalidation'
import { redis } from '@tableforge/cache/redis'
import { type Console, createConsole } from '@tableforge/cache-console'
import type { Logger } from 'pino'
import { Server } from 'socket.io'
import { createDefinitions, type Definitions } from './cache/definitions.js'
import { createRules } from './cache/rules.js'
import { closeAll } from './close-all.js'
import { type Configuration, consoleSecret } from './configuration.js'
import type { OpenDatabase } from './database/database.js'
import { openDatabase } from './database/open.js'
import type { Domain } from './domain/domain.js'
import { RateLimits } from './domain/rate-limits.js'
import { SessionCookies } from './domain/sessions.js'
import type { DomainEvents, Raise } from './events.js'
import { Page } from './http/page.js'
import { serverRoutes } from './http/server-routes.js'
import type { TableServer } from './live/audience.js'
import { createAnnouncements } from './live/broadcast.js'
import { linkProcesses } from './live/link.js'
import { answerSockets } from './live/sockets.js'

/** The running app: one process of TableForge. */
export interface Table {
  readonly url: string
  readonly cache: Cache
  readonly database: OpenDatabase
  readonly domain: Domain
  /** What each event removed and why. */
  readonly invalidator: Invalidator<DomainEvents>
  /** Ends connections, then lets go of everything in the order in which it depends on each other. */
  close(): Promise<void>
}

const LOOPBACK = /^(127\.|::1$|localhost$)/
const PAGE = fileURLToPath(new URL('../page/dist', import.meta.url))

/** Opens the database and the cache, then listens. What was opened is closed again when a later step fails. */
export async function openTable(configuration: Configuration, logger: Logger): Promise<Table> {
  const closers: (() => unknown)[] = []
  const close = () => closeAll(closers.splice(0))
  try {
    const database = await openDatabase(configuration.databaseUrl, configuration.dataFolder, logger)
    closers.push(() => database.close())
    const cache = openCache(configuration, database, logger)
    closers.push(() => cache.close())
    await cache.ready()
    const cached = createDefinitions(cache, database.db)
    const invalidator = createInvalidator<DomainEvents>(cache, { rules: createRules(cached) })
    closers.push(() => invalidator.close())
    const console = openConsole(configuration, cache, invalidator, logger)
    closers.push(() => console.close())

    const io: TableServer = new Server({ serveClient: false, maxHttpBufferSize: 16_384, allowRequest: sameOrigin })
    const { redisUrl } = configuration.cache
    if (redisUrl !== undefined) closers.push(await linkProcesses(io, redisUrl, cache.namespace, logger))
    const domain: Domain = {
      db: database.db,
      cached,
      raise: raising(invalidator, io, { db: database.db, cached }, logger),
    }
    const server = await createServer(configuration, io, { domain, cached, cache, console, logger })
    closers.push(() => stopListening(io, server))
    await listen(server, configuration)
    return { url: addressOf(server, configuration.host), cache, database, domain, invalidator, close }
  } catch (error) {
    await close().catch((failure) => logger.error({ err: failure }, 'what was opened could not be closed in order'))
    throw error
  }
}

/**
 * What the console shows at length. Where the environment says nothing of alerts, these are judged and shown, and told
 * to nobody.
 */
const WATCHED = {
  history: true,
  heavyHitters: { sample: 1 },
  alerts: { interval: '10s', window: '1m', minReads: 50 },
  slo: {
    '*': { hitRate: 0.85, latency: { threshold: '50ms', share: 0.99 }, availability: 0.999 },
    'room:state': { hitRate: 0.8, latency: { threshold: '20ms', share: 0.95 } },
  },
} as const satisfies WatchOptions

/**
 * The namespace holds the identity of the database: entries of another database on the same Redis, or of an embedded
 * one that is no more, are never taken for this one's.
 */
function openCache({ cache: settings }: Configuration, { identity }: OpenDatabase, logger: Logger): Cache {
  const { namespace = 'tableforge', ...options } = settings.cache
  return createCache({
    ...WATCHED,
    ...options,
    namespace: `${namespace.slice(0, 40)}.${identity}`,
    remote: settings.redisUrl === undefined ? inProcessRemote() : redis({ url: settings.redisUrl }),
    logger,
  })
}

function openConsole(
  { host, consoleToken, sessionSecret, cache: settings }: Configuration,
  cache: Cache,
  invalidator: Invalidator<DomainEvents>,
  logger: Logger,
): Console {
  const open = LOOPBACK.test(host) && settings.environment === 'development'
  return createConsole({
    cache,
    invalidator,
    bind: host,
    sessionSecret: consoleSecret(sessionSecret),
    logger,
    ...(consoleToken !== undefined ? { auth: { token: consoleToken } } : open ? { auth: 'loopback-development' } : {}),
  })
}

/** First every cache tier hears, then the players: who asks again because of the news gets the new state. */
function raising(
  invalidator: Invalidator<DomainEvents>,
  io: TableServer,
  truth: { db: OpenDatabase['db']; cached: Definitions },
  logger: Logger,
): Raise {
  const announcements = createAnnouncements(io, truth)
  const invalidate = invalidator.raise as (
    event: string,
    payload: unknown,
    cause: { actor?: string },
  ) => Promise<unknown>
  return async (name, event, details = {}) => {
    // The change is committed: nothing that fails from here on may make it look undone to who asked for it.
    try {
      await invalidate.call(invalidator, name, event, details)
    } catch (error) {
      logger.error({ err: error, event: name }, 'what an event makes untrue could not be invalidated')
    }
    try {
      await announcements[name](event)
    } catch (error) {
      logger.warn({ err: error, event: name }, 'an event could not be announced')
    }
  }
}

interface Parts {
  readonly domain: Domain
  readonly cached: Definitions
  readonly cache: Cache
  readonly console: Console
  readonly logger: Logger
}

async function createServer(configuration: Configuration, io: TableServer, parts: Parts): Promise<HttpServer> {
  const { secure, sessionSecret } = configuration
  const shared = {
    ...parts,
    secure,
    cookies: new SessionCookies(sessionSecret),
    limits: new RateLimits(parts.cached),
    page: await Page.read(PAGE),
  }
  const server = createAdaptorServer({ fetch: serverRoutes(shared).fetch }) as HttpServer
  io.attach(server)
  const stopReview = answerSockets(io, shared)
  server.once('close', stopReview)
  return server
}

async function listen(server: HttpServer, configuration: Configuration): Promise<void> {
  const { host, port } = configuration
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(cannotListen(error, configuration))
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

/** Why it does not listen, by the variable that says where it should. */
function cannotListen(cause: NodeJS.ErrnoException, { host, port }: Configuration): Error {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new Error(
        `PORT: port ${port} is taken by another program. Choose a free one: PORT=${port === 65_535 ? 3000 : port + 1} npm start`,
        { cause },
      )
    case 'EACCES':
      return new Error(`PORT: this user may not listen on port ${port}. Choose one above 1023: PORT=3000 npm start`, {
        cause,
      })
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
      return new Error(`HOST: expected an address of this machine, got "${host}"`, { cause })
    default:
      return cause
  }
}

async function stopListening(io: TableServer, server: HttpServer): Promise<void> {
  const closed = io.close()
  server.closeAllConnections()
  await closed
}

/** Cookies are not sent along from other sites (SameSite); this also refuses browsers that would. */
function sameOrigin(
  request: { headers: { origin?: string | undefined; host?: string | undefined } },
  decide: (error: string | null, allowed: boolean) => void,
): void {
  const { origin, host } = request.headers
  decide(null, origin === undefined || origin.replace(/^https?:\/\//, '') === host)
}

function addressOf(server: HttpServer, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
