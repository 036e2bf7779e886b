import type { ConsoleClock } from '../options.js'
import type { Role } from '../wire.js'
import type { Session } from './sessions.js'

/** Somebody who may come in. `id` names the session, for its CSRF token. */
export interface Visitor {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly via: 'session' | 'credentials' | 'loopback' | 'host'
  /** When this request was let in. */
  readonly at: number
  readonly session?: Session
}

/** Why somebody may not, in words for a person; `retryAfterMs` when it is a matter of time. */
export interface Refusal {
  readonly status: 401 | 403 | 429
  readonly code:
    | 'unauthenticated'
    | 'wrong-credentials'
    | 'too-many-attempts'
    | 'not-configured'
    | 'not-loopback'
    | 'cross-origin'
    | 'operators-only'
  readonly message: string
  readonly retryAfterMs?: number
  /** Where to sign in instead, in the host's own way. */
  readonly signInUrl?: string
}

export type Decision = { readonly visitor: Visitor } | { readonly refusal: Refusal }

/** Decides who may use the console: a strategy for each way of `auth`. */
export interface Gate {
  /** What a person fills in to sign in; `undefined` when nobody can. */
  readonly form: SignInForm | undefined
  admit(request: Request, peer: string | undefined): Promise<Decision>
  /** Whether a visitor let in earlier may still stay; for streams that outlive their request. */
  mayStay(visitor: Visitor): boolean
  /** The token that calls of this visitor which change something must carry. */
  csrf(visitor: Visitor): string
}

/** What a gate is made for. */
export interface GateContext {
  readonly namespace: string
  readonly bind: string | undefined
  readonly sessionSecret: string | undefined
  readonly clock: ConsoleClock
}

export interface SignInForm {
  readonly fields: readonly ('username' | 'password' | 'token')[]
  /** The cookie to set, or why not. */
  signIn(
    fields: Readonly<Record<string, string>>,
    peer: string | undefined,
  ): Promise<{ readonly cookie: string } | { readonly refusal: Refusal }>
  signOut(session: Session): void
  readonly cookieName: string
  readonly maxAgeMs: number
}
