import type { HostSignIn } from '../options.js'
import type { Gate, GateContext } from './gate.js'
import { Sessions } from './sessions.js'

/** A stream ends after this long, so that the host is asked again whether its visitor may still come in. */
const STREAM_MS = 5 * 60_000

/**
 * Whoever the host application has signed in. It is asked anew for each request; the console keeps no session of its
 * own.
 */
export function hostGate({ authenticate, signInUrl }: HostSignIn, { sessionSecret, clock }: GateContext): Gate {
  const sessions = new Sessions(sessionSecret, 'host')
  return {
    form: undefined,
    async admit(request) {
      const identity = await authenticate(request)
      if (identity === undefined) {
        return {
          refusal: {
            status: 401,
            code: 'unauthenticated',
            message: 'Sign in to the application to use the console.',
            ...(signInUrl === undefined ? {} : { signInUrl }),
          },
        }
      }
      // Whatever else the host says of a role opens nothing.
      const role = identity.role === 'operator' ? 'operator' : 'viewer'
      return {
        visitor: { id: `host ${identity.name}`, name: String(identity.name), role, via: 'host', at: clock.now() },
      }
    },
    mayStay: ({ at }) => clock.now() < at + STREAM_MS,
    csrf: (visitor) => sessions.csrf(visitor.id),
  }
}
