import { parse as parseCookies } from 'hono/utils/cookie'
import type { ConsoleAuth, Credentials, HostSignIn } from '../options.js'
import { type Account, Accounts, type Given } from './accounts.js'
import { FailedAttempts } from './attempts.js'
import type { Decision, Gate, GateContext, Refusal, SignInForm, Visitor } from './gate.js'
import { hostGate } from './host-gate.js'
import { refusalOfLoopback } from './loopback.js'
import { Sessions } from './sessions.js'

export function gateFor(auth: ConsoleAuth | undefined, context: GateContext): Gate {
  if (auth === undefined) return closedGate()
  if (auth === 'loopback-development') return loopbackGate(context)
  if (isHostSignIn(auth)) return hostGate(auth, context)
  return credentialGate(isList(auth) ? auth : [auth], context)
}

function isHostSignIn(auth: ConsoleAuth): auth is HostSignIn {
  return typeof auth === 'object' && 'authenticate' in auth
}

function isList(auth: Credentials | readonly Credentials[]): auth is readonly Credentials[] {
  return Array.isArray(auth)
}

/** Nobody: what a console without `auth` is. */
function closedGate(): Gate {
  const refusal: Refusal = {
    status: 403,
    code: 'not-configured',
    message:
      "No way to sign in has been configured, so nobody may use this console. Pass createConsole auth: { token } or { username, password }; on your own machine auth: 'loopback-development' with bind: '127.0.0.1'.",
  }
  return { form: undefined, admit: async () => ({ refusal }), mayStay: () => false, csrf: () => '' }
}

/** A developer at this machine, without credentials. Every condition is asked again for each request. */
function loopbackGate({ bind, clock }: GateContext): Gate {
  const sessions = new Sessions(undefined, 'loopback')
  return {
    form: undefined,
    async admit(request, peer) {
      const message = refusalOfLoopback(request, peer, bind, process.env.NODE_ENV)
      if (message !== undefined) return { refusal: { status: 403, code: 'not-loopback', message } }
      return { visitor: { id: 'loopback', name: 'developer', role: 'operator', via: 'loopback', at: clock.now() } }
    },
    mayStay: () => process.env.NODE_ENV !== 'production',
    csrf: (visitor) => sessions.csrf(visitor.id),
  }
}

/**
 * Whoever knows a token, or a name and its password: by form and session cookie, or by `Authorization` with each call.
 */
function credentialGate(credentials: readonly Credentials[], { namespace, sessionSecret, clock }: GateContext): Gate {
  const sessions = new Sessions(sessionSecret, JSON.stringify(credentials))
  const accounts = new Accounts(credentials)
  const attempts = new FailedAttempts()
  const cookieName = `tableforge-console-${namespace}`
  const wrong = accounts.fields.includes('username')
    ? accounts.fields.includes('token')
      ? 'That is neither the token nor a name with its password.'
      : 'That name and password do not belong together.'
    : 'That is not the token.'

  const check = async (given: Given, peer: string | undefined): Promise<Account | Refusal> => {
    const blocked = attempts.blockedFor(peer, clock.now())
    if (blocked > 0) return tooMany(blocked)
    const account = await accounts.find(given)
    // Of guesses made at once, none counts that comes out after the others have used up the attempts.
    const since = attempts.blockedFor(peer, clock.now())
    if (since > 0) return tooMany(since)
    if (account !== undefined) return account
    attempts.failed(peer, clock.now())
    return { status: 401, code: 'wrong-credentials', message: wrong }
  }

  const form: SignInForm = {
    fields: accounts.fields,
    cookieName,
    maxAgeMs: sessions.ttlMs,
    async signIn(fields, peer) {
      const found = await check(fields, peer)
      if ('status' in found) return { refusal: found }
      return { cookie: sessions.start(found.name, found.role, clock.now()).cookie }
    },
    signOut: (session) => sessions.end(session, clock.now()),
  }

  return {
    form,
    async admit(request, peer): Promise<Decision> {
      const at = clock.now()
      const header = request.headers.get('authorization')
      if (header !== null) {
        const found = await check(fromAuthorization(header), peer)
        if ('status' in found) return { refusal: found }
        return { visitor: { id: `credentials ${found.name}`, ...found, via: 'credentials', at } }
      }
      const cookie = parseCookies(request.headers.get('cookie') ?? '', cookieName)[cookieName]
      const session = cookie === undefined ? undefined : sessions.read(cookie, at)
      if (session === undefined)
        return { refusal: { status: 401, code: 'unauthenticated', message: 'Sign in to use the console.' } }
      const { id, name, role } = session
      return { visitor: { id, name, role, via: 'session', at, session } satisfies Visitor }
    },
    mayStay: (visitor) => visitor.session === undefined || sessions.alive(visitor.session, clock.now()),
    csrf: (visitor) => sessions.csrf(visitor.id),
  }
}

/**
 * `Bearer <token>`, or `Basic <base64 of name:password>` (RFC 7617). Anything else gives nothing, which matches
 * nothing.
 */
function fromAuthorization(header: string): Given {
  const [, scheme = '', value = ''] = /^(\S+)\s+(\S+)\s*$/.exec(header) ?? []
  if (scheme.toLowerCase() === 'bearer') return { token: value }
  if (scheme.toLowerCase() !== 'basic') return {}
  const [username = '', ...password] = Buffer.from(value, 'base64').toString().split(':')
  return { username, password: password.join(':') }
}

function tooMany(blockedMs: number): Refusal {
  const seconds = Math.ceil(blockedMs / 1_000)
  return {
    status: 429,
    code: 'too-many-attempts',
    message: `Too many failed attempts from this address. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    retryAfterMs: blockedMs,
  }
}
