import { type Cache, CacheError, type Logger, type Watching } from '@tableforge/cache'
import type { Invalidator } from '@tableforge/cache/invalidation'
import { isPasswordHash } from './access/password-hash.js'
import type { Role } from './wire.js'

/** What the console uses of a cache. */
export type ConsoleCache = Pick<
  Cache,
  | 'stats'
  | 'health'
  | 'inspect'
  | 'on'
  | 'namespace'
  | 'node'
  | 'definitions'
  | 'invalidate'
  | 'clear'
  | 'preview'
  | 'bypass'
> & {
  /** History, fleet, alerts and reports of the cache; what it does not keep is not shown. */
  readonly watch?: Watching
}

/** What the console uses of an invalidator: its audit trail, and its way to invalidate that writes into it. */
export type ConsoleInvalidator = Pick<Invalidator<object>, 'invalidate' | 'trail'>

/** Time as the console needs it; the library's `Clock` fits. Timers must not keep the process alive. */
export interface ConsoleClock {
  /** Wall time in milliseconds since the Unix epoch. */
  now(): number
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

/**
 * A secret that people share, or a name with a password. A token has at least 16 characters, a password 12;
 * `passwordHash` is what `hashPassword` makes of one. `role` is `'operator'` unless said otherwise; `name` of a token
 * is what the audit trail calls its holder.
 */
export type Credentials = { readonly role?: Role } & (
  | { readonly token: string; readonly name?: string }
  | { readonly username: string; readonly password: string }
  | { readonly username: string; readonly passwordHash: string }
)

/** Somebody whom the host application knows. */
export interface Identity {
  /** Written into the audit trail. */
  readonly name: string
  readonly role: Role
}

/** The sign-in of the host application in place of the console's own. */
export interface HostSignIn {
  /** Who sends this request, by whatever the host knows people by; `undefined` for nobody. Rejecting lets nobody in. */
  authenticate(request: Request): Identity | undefined | Promise<Identity | undefined>
  /** Where people are sent who are not signed in: a path of the host, such as `/login`. */
  readonly signInUrl?: string
}

/**
 * Who may use the console: one or more credentials, the host's own sign-in, or `'loopback-development'`: anyone at this
 * very machine, as operator, without credentials. That is honoured only while NODE_ENV is not `production`, `bind` is a
 * loopback address, the connection comes from loopback and through no proxy, and the Host header names this machine.
 */
export type ConsoleAuth = Credentials | readonly Credentials[] | HostSignIn | 'loopback-development'

export interface ConsoleOptions {
  cache: ConsoleCache
  /** Its audit trail is shown, and what operators invalidate is written into it. Default: one of the console's own. */
  invalidator?: ConsoleInvalidator | undefined
  /** Default: nobody is let in. */
  auth?: ConsoleAuth | undefined
  /** The address that the server listens on; needed for `'loopback-development'`. */
  bind?: string | undefined
  /** Where the console is mounted: `'/console'`, or `''` for the root. Default `'/console'`. */
  basePath?: string | undefined
  /**
   * Signs session cookies; at least 32 characters. Give several processes the same one. Default: random at each start.
   */
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
  readonly invalidator: ConsoleInvalidator | undefined
  readonly auth: ConsoleAuth | undefined
  readonly bind: string | undefined
  readonly basePath: string
  readonly sessionSecret: string | undefined
  readonly maxStreams: number
  readonly logger: Logger | undefined
  readonly clock: ConsoleClock
}

const OPTION_NAMES = [
  'cache',
  'invalidator',
  'auth',
  'bind',
  'basePath',
  'sessionSecret',
  'maxStreams',
  'logger',
  'clock',
]
const BASE_PATH = /^(?:\/[A-Za-z0-9._~-]+)*$/
const CACHE_METHODS = ['stats', 'health', 'inspect', 'on', 'invalidate', 'clear', 'preview', 'bypass'] as const

/**
 * Throws a `CacheError` of code `invalid-option` that names the option, what it wants and (never for secrets) what it
 * got.
 */
export function resolveConsoleOptions(options: ConsoleOptions): ResolvedConsoleOptions {
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name))
      throw invalid(name, `an option that exists (${OPTION_NAMES.join(', ')})`, 'an unknown one')
  }
  const { cache, auth, bind, basePath = '/console', sessionSecret, maxStreams = 32, logger } = options
  if (CACHE_METHODS.some((method) => typeof cache?.[method] !== 'function'))
    throw invalid('cache', 'a cache made by createCache()', typeof cache)
  const { invalidator } = options
  if (invalidator !== undefined && typeof invalidator.trail !== 'function')
    throw invalid('invalidator', 'what createInvalidator() returned', typeof invalidator)
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
    invalidator,
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
  if (Array.isArray(auth)) {
    if (auth.length === 0) throw invalid('auth', 'at least one way to sign in', 'none')
    for (const [index, one] of auth.entries()) validateCredentials(`auth[${index}]`, one)
    return
  }
  if (typeof auth === 'object' && auth !== null && 'authenticate' in auth) {
    if (typeof auth.authenticate !== 'function')
      throw invalid('auth.authenticate', 'a function of the request', typeof auth.authenticate)
    const { signInUrl } = auth as Partial<HostSignIn>
    if (signInUrl !== undefined && !/^(?:\/(?!\/)|https?:\/\/)/.test(String(signInUrl)))
      throw invalid('auth.signInUrl', 'a path that begins with /, or an http(s) URL', 'something else')
    return
  }
  validateCredentials('auth', auth)
}

function validateCredentials(where: string, one: unknown): void {
  if (typeof one !== 'object' || one === null) {
    throw invalid(
      where,
      "{ token }, { username, password }, { username, passwordHash }, an array of them, { authenticate } or 'loopback-development'",
      'something else',
    )
  }
  const given = one as Partial<Record<'token' | 'name' | 'username' | 'password' | 'passwordHash' | 'role', unknown>>
  if (given.role !== undefined && given.role !== 'viewer' && given.role !== 'operator')
    throw invalid(
      `${where}.role`,
      "'viewer' or 'operator'",
      typeof given.role === 'string' ? given.role : typeof given.role,
    )
  if ('token' in given) {
    if (given.name !== undefined && (typeof given.name !== 'string' || given.name === ''))
      throw invalid(`${where}.name`, 'a name that is not empty', 'none')
    requireSecret(`${where}.token`, given.token, 16)
    return
  }
  if (typeof given.username !== 'string' || given.username === '')
    throw invalid(`${where}.username`, 'a name that is not empty', 'none')
  if ('passwordHash' in given) {
    if (typeof given.passwordHash !== 'string' || !isPasswordHash(given.passwordHash))
      throw invalid(`${where}.passwordHash`, 'what hashPassword() returns', 'something else')
    return
  }
  requireSecret(`${where}.password`, given.password, 12)
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
