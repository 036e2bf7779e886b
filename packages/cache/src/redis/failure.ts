import { CacheError } from '../errors.js'

/** Done on the master, but on fewer replicas than `waitReplicas` asks for: a failover may undo it. */
export class NotReplicated extends CacheError {
  constructor(message: string) {
    super('remote-failed', message)
  }
}

/**
 * A reply of the server begins with a code word in capitals; whatever does not comes from the client or the network.
 */
const REPLY = /^[A-Z][A-Z0-9]+ /
/** Replies that say that this server cannot serve now, and that another, or a later, one will. */
const NOT_NOW = /^(LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|TRYAGAIN|NOREPLICAS|BUSY|MOVED|ASK) /

/**
 * What a Redis client threw, as a `CacheError`: `remote-unavailable` when the server was not reached or cannot serve
 * now, `remote-failed` when it refused. The cause keeps only name, code and message of the original: clients attach the
 * command with its arguments, among them passwords and values.
 */
export function remoteFailure(doing: string, error: unknown, secrets: readonly string[] = []): CacheError {
  if (error instanceof CacheError) return error
  const cause = withoutSecrets(deepest(error), secrets)
  const code = REPLY.test(cause.message) && !NOT_NOW.test(cause.message) ? 'remote-failed' : 'remote-unavailable'
  return new CacheError(code, `redis: ${doing}: ${cause.message}`, { cause })
}

/** A Cluster client wraps what its nodes said; an aggregate of addresses, what each of them said. */
function deepest(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return deepest(error.errors[0])
  if (error instanceof Error && 'lastNodeError' in error && error.lastNodeError) return deepest(error.lastNodeError)
  return error
}

function withoutSecrets(error: unknown, secrets: readonly string[]): Error {
  const text = error instanceof Error ? error.message : String(error)
  const clean = new Error(secrets.reduce((message, secret) => message.replaceAll(secret, '***'), text))
  if (error instanceof Error) {
    clean.name = error.name
    if ('code' in error && typeof error.code === 'string') Object.assign(clean, { code: error.code })
  }
  return clean
}
