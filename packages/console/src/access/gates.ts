import { parse as parseCookies } from 'hono/utils/cookie'
import type { ConsoleAuth, ConsoleClock, Credentials } from '../options.js'
import { FailedAttempts } from './attempts.js'
import type { Decision, Gate, Refusal, SignInForm, Visitor } from './gate.js'
import { refusalOfLoopback } from './loopback.js'
import { Sessions, sameText } from './sessions.js'

interface GateContext {
  readonly namespace: string
  readonly bind: string | undefined
  readonly sessionSecret: string | undefined
  readonly clock: ConsoleClock
}

export function gateFor(auth: ConsoleAuth | undefined, context: GateContext): Gate {
  if (auth === undefined) return closedGate()
  return auth === 'loopback-development' ? loopbackGate(context) : credentialGate(auth, context)
}

/** Nobody: what a console without `auth` is. */
function closedGate(): Gate {
  const refusal: Refusal = {
    status: 403,
    code: 'not-configured',
    message:
      "No way to sign in has been configured, so nobody may use this console. Pass createConsole auth: { token } or { username, password }; on your own machine auth: 'loopback-development' with bind: '127.0.0.1'.",
  }
  return { form: undefined, admit: () => ({ refusal }), mayStay: () => false, csrf: () => '' }
}

/** A developer at this machine, without credentials. Every condition is asked again for each request. */
function loopbackGate({ bind }: GateContext): Gate {
  const sessions = new Sessions(undefined, 'loopback')
  const visitor: Visitor = { id: 'loopback', name: 'developer', via: 'loopback' }
  return {
    form: undefined,
    admit(request, peer) {
      const message = refusalOfLoopback(request, peer, bind, process.env.NODE_ENV)
      return message === undefined ? { visitor } : { refusal: { status: 403, code: 'not-loopback', message } }
    },
    mayStay: () => process.env.NODE_ENV !== 'production',
    csrf: () => sessions.csrf(visitor.id),
  }
}

/** Whoever knows the token, or the name and password: by form and session cookie, or by `Authorization` with each call. */
function credentialGate(auth: Credentials, { namespace, sessionSecret, clock }: GateContext): Gate {
  const sessions = new Sessions(sessionSecret, JSON.stringify(auth))
  const attempts = new FailedAttempts()
  const cookieName = `tableforge-console-${namespace}`
  const name = 'token' in auth ? 'operator' : auth.username

  const check = (given: Given, peer: string | undefined): Refusal | undefined => {
    const now = clock.now()
    const blocked = attempts.blockedFor(peer, now)
    if (blocked > 0) return tooMany(blocked)
    if (matches(auth, given)) return undefined
    attempts.failed(peer, now)
    return {
      status: 401,
      code: 'wrong-credentials',
      message: 'token' in auth ? 'That is not the token.' : 'That name and password do not belong together.',
    }
  }

  const form: SignInForm = {
    fields: 'token' in auth ? ['token'] : ['username', 'password'],
    cookieName,
    maxAgeMs: sessions.ttlMs,
    signIn(fields, peer) {
      const refusal = check(fields, peer)
      return refusal === undefined ? { cookie: sessions.start(name, clock.now()).cookie } : { refusal }
    },
    signOut: (session) => sessions.end(session, clock.now()),
  }

  return {
    form,
    admit(request, peer): Decision {
      const header = request.headers.get('authorization')
      if (header !== null) {
        const refusal = check(fromAuthorization(header), peer)
        return refusal === undefined ? { visitor: { id: 'credentials', name, via: 'credentials' } } : { refusal }
      }
      const cookie = parseCookies(request.headers.get('cookie') ?? '', cookieName)[cookieName]
      const session = cookie === undefined ? undefined : sessions.read(cookie, clock.now())
      if (session !== undefined) return { visitor: { id: session.id, name: session.name, via: 'session', session } }
      return { refusal: { status: 401, code: 'unauthenticated', message: 'Sign in to use the console.' } }
    },
    mayStay: (visitor) => visitor.session === undefined || sessions.alive(visitor.session, clock.now()),
    csrf: (visitor) => sessions.csrf(visitor.id),
  }
}

interface Given {
  readonly token?: string
  readonly username?: string
  readonly password?: string
}

function matches(auth: Credentials, given: Given): boolean {
  if ('token' in auth) return sameText(given.token ?? '', auth.token)
  // Both are compared always, so that the time does not tell which of them was wrong.
  const username = sameText(given.username ?? '', auth.username)
  const password = sameText(given.password ?? '', auth.password)
  return username && password
}

/** `Bearer <token>`, or `Basic <base64 of name:password>` (RFC 7617). Anything else gives nothing, which matches nothing. */
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
