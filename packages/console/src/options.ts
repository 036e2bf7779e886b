import { type Cache, CacheError, type Logger } from '@tableforge/cache'

/** What the console uses of a cache. */
export type ConsoleCache = Pick<Cache, 'stats' | 'health' | 'inspect' | 'on' | 'namespace' | 'node'>

/** Time as the console needs it; the library's `Clock` fits. Timers must not keep the process alive. */
export interface ConsoleClock {
  /** Wall time in milliseconds since the Unix epoch. */
  now(): number
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

/** A secret that operators share, or a name with a password. A token has at least 16 characters, a password 12. */
export type Credentials = { readonly token: string } | { readonly username: string; readonly password: string }

/**
 * Who may use the console. `'loopback-development'`: anyone at this very machine, without credentials. It is honoured
 * only while NODE_ENV is not `production`, `bind` is a loopback address, the connection comes from loopback and through no
 * proxy, and the Host header names this machine.
 */
export type ConsoleAuth = Credentials | 'loopback-development'

export interface ConsoleOptions {
  cache: ConsoleCache
  /** Default: nobody is let in. */
  auth?: ConsoleAuth | undefined
  /** The address that the server listens on; needed for `'loopback-development'`. */
  bind?: string | undefined
  /** Where the console is mounted: `'/console'`, or `''` for the root. Default `'/console'`. */
  basePath?: string | undefined
  /** Signs session cookies; at least 32 characters. Give several processes the same one. Default: random at each start. */
  sessionSecret?: string | undefined
  /** The most live streams at a time. Default 32. */
  maxStreams?: number | undefined
  /** Told of refused sign-ins and of what fails inside the console. Default: nobody. */
  logger?: Logger | undefined
  clock?: ConsoleClock | undefined
}

/** {@link ConsoleOptions}, validated and complete. */
export interface ResolvedConsoleOptions {
  readonly cache: ConsoleCache
  readonly auth: ConsoleAuth | undefined
  readonly bind: string | undefined
  readonly basePath: string
  readonly sessionSecret: string | undefined
  readonly maxStreams: number
  readonly logger: Logger | undefined
  readonly clock: ConsoleClock
}

const OPTION_NAMES = ['cache', 'auth', 'bind', 'basePath', 'sessionSecret', 'maxStreams', 'logger', 'clock']
const BASE_PATH = /^(?:\/[A-Za-z0-9._~-]+)*$/
const CACHE_METHODS = ['stats', 'health', 'inspect', 'on'] as const

/** Throws a `CacheError` of code `invalid-option` that names the option, what it wants and (never for secrets) what it got. */
export function resolveConsoleOptions(options: ConsoleOptions): ResolvedConsoleOptions {
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name))
      throw invalid(name, `an option that exists (${OPTION_NAMES.join(', ')})`, 'an unknown one')
  }
  const { cache, auth, bind, basePath = '/console', sessionSecret, maxStreams = 32, logger } = options
  if (CACHE_METHODS.some((method) => typeof cache?.[method] !== 'function'))
    throw invalid('cache', 'a cache made by createCache()', typeof cache)
  if (typeof basePath !== 'string' || !BASE_PATH.test(basePath)) {
    throw invalid(
      'basePath',
      "'' or segments of A-Z a-z 0-9 . _ ~ - that each begin with /, such as '/console'",
      JSON.stringify(basePath),
    )
  }
  if (bind !== undefined && typeof bind !== 'string')
    throw invalid('bind', "an address such as '127.0.0.1'", typeof bind)
  if (!Number.isSafeInteger(maxStreams) || maxStreams < 1)
    throw invalid('maxStreams', 'a whole number of at least 1', String(maxStreams))
  if (sessionSecret !== undefined && !(typeof sessionSecret === 'string' && sessionSecret.length >= 32)) {
    throw invalid('sessionSecret', 'at least 32 characters', 'fewer')
  }
  validateAuth(auth)
  return Object.freeze({
    cache,
    auth,
    bind,
    basePath,
    sessionSecret,
    maxStreams,
    logger,
    clock: options.clock ?? systemClock,
  })
}

function validateAuth(auth: unknown): void {
  if (auth === undefined || auth === 'loopback-development') return
  if (typeof auth !== 'object' || auth === null) {
    throw invalid('auth', "{ token }, { username, password } or 'loopback-development'", 'something else')
  }
  const given = auth as Partial<Record<'token' | 'username' | 'password', unknown>>
  if ('token' in given) {
    requireSecret('auth.token', given.token, 16)
    return
  }
  if (typeof given.username !== 'string' || given.username === '')
    throw invalid('auth.username', 'a name that is not empty', 'none')
  requireSecret('auth.password', given.password, 12)
}

function requireSecret(name: string, value: unknown, least: number): void {
  if (typeof value !== 'string') throw invalid(name, `a string of at least ${least} characters`, typeof value)
  if (value.length < least) throw invalid(name, `a string of at least ${least} characters`, `${value.length}`)
}

function invalid(name: string, wanted: string, got: string): CacheError {
  return new CacheError('invalid-option', `createConsole ${name}: expected ${wanted}, got ${got}`)
}

const systemClock: ConsoleClock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return timer
  },
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
