import type { Session } from './sessions.js'

/** Somebody who may come in. `id` names the session, for its CSRF token. */
export interface Visitor {
  readonly id: string
  readonly name: string
  readonly via: 'session' | 'credentials' | 'loopback'
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
  readonly message: string
  readonly retryAfterMs?: number
}

export type Decision = { readonly visitor: Visitor } | { readonly refusal: Refusal }

/** Decides who may use the console: a strategy for each way of `auth`. */
export interface Gate {
  /** What a person fills in to sign in; `undefined` when nobody can. */
  readonly form: SignInForm | undefined
  admit(request: Request, peer: string | undefined): Decision
  /** Whether a visitor let in earlier may still stay; for streams that outlive their request. */
  mayStay(visitor: Visitor): boolean
  /** The token that calls of this visitor which change something must carry. */
  csrf(visitor: Visitor): string
}

export interface SignInForm {
  readonly fields: readonly ('username' | 'password' | 'token')[]
  /** The cookie to set, or why not. */
  signIn(
    fields: Readonly<Record<string, string>>,
    peer: string | undefined,
  ): { readonly cookie: string } | { readonly refusal: Refusal }
  signOut(session: Session): void
  readonly cookieName: string
  readonly maxAgeMs: number
}
