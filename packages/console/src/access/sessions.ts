import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Role } from '../wire.js'

/** A signed-in visitor, as the cookie says it. `id` is random and names the session. */
export interface Session {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** Wall time in milliseconds at which it ends. */
  readonly expiresAt: number
}

const MAX_ENDED = 10_000

/**
 * Sessions kept by the visitor: the cookie holds the session, signed with HMAC-SHA-256. The key is derived from the
 * secret and the credentials, so that new credentials end old sessions. Signing out ends a session on this process
 * before it expires; the list of those is bounded.
 */
export class Sessions {
  readonly #key: Buffer
  readonly #ended = new Map<string, number>()

  constructor(
    secret: string | undefined,
    credentials: string,
    readonly ttlMs = 12 * 3_600_000,
  ) {
    this.#key = createHmac('sha256', secret ?? randomBytes(32))
      .update(`console session\0${credentials}`)
      .digest()
  }

  start(name: string, role: Role, now: number): { session: Session; cookie: string } {
    const session = { id: randomBytes(16).toString('base64url'), name, role, expiresAt: now + this.ttlMs }
    const body = Buffer.from(JSON.stringify([session.id, session.name, session.role, session.expiresAt])).toString(
      'base64url',
    )
    return { session, cookie: `${body}.${this.#sign(`session\0${body}`)}` }
  }

  /** The session in a cookie; `undefined` when it was not made here, has expired or was ended. */
  read(cookie: string, now: number): Session | undefined {
    const [body, signature, ...rest] = cookie.split('.')
    if (body === undefined || signature === undefined || rest.length > 0) return undefined
    if (!sameText(signature, this.#sign(`session\0${body}`))) return undefined
    const [id, name, role, expiresAt] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [
      string,
      string,
      Role,
      number,
    ]
    const session = { id, name, role, expiresAt }
    return this.alive(session, now) ? session : undefined
  }

  alive(session: Session, now: number): boolean {
    return session.expiresAt > now && !this.#ended.has(session.id)
  }

  end(session: Session, now: number): void {
    for (const [id, expiresAt] of this.#ended) if (expiresAt <= now) this.#ended.delete(id)
    if (this.#ended.size >= MAX_ENDED) this.#ended.delete(this.#ended.keys().next().value as string)
    this.#ended.set(session.id, session.expiresAt)
  }

  /** The token that calls of this session which change something must carry. */
  csrf(id: string): string {
    return this.#sign(`csrf\0${id}`)
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}

/** Compares secrets in a time that tells nothing of where, or in what length, they differ. */
export function sameText(left: string, right: string): boolean {
  const key = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', key).update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
