import { createHmac, randomBytes } from 'node:crypto'
import { sameText } from '../access/sessions.js'
import type { Action } from '../wire.js'

const LIFETIME_MS = 5 * 60_000
const MAX_USED = 10_000

/**
 * Tokens by which an action is asked for a second time. One is signed (HMAC-SHA-256) over the action and who asked for
 * its preview, ends after five minutes, and is good for once on the process that gave it.
 */
export class Confirmations {
  readonly #key: Buffer
  readonly #used = new Map<string, number>()

  constructor(secret: string | undefined) {
    this.#key = createHmac('sha256', secret ?? randomBytes(32))
      .update('console confirmations')
      .digest()
  }

  give(action: Action, visitor: string, now: number): { confirm: string; expiresAt: number } {
    const expiresAt = now + LIFETIME_MS
    const nonce = randomBytes(9).toString('base64url')
    return { confirm: `${expiresAt}.${nonce}.${this.#sign(action, visitor, expiresAt, nonce)}`, expiresAt }
  }

  /** Why the token does not confirm the action, in words; `undefined` when it does, which uses it up. */
  refusalOf(token: string, action: Action, visitor: string, now: number): string | undefined {
    const [expiresAt = '', nonce = '', signature = ''] = token.split('.')
    const ends = /^\d{1,15}$/.test(expiresAt) ? Number(expiresAt) : 0
    if (!sameText(signature, this.#sign(action, visitor, ends, nonce)))
      return 'confirm: expected the token that the preview of this very action gave to you'
    if (ends <= now) return 'confirm: the token has expired; ask for the preview again'
    if (this.#used.has(nonce)) return 'confirm: the token has been used; ask for the preview again'
    this.#forget(now)
    this.#used.set(nonce, ends)
    return undefined
  }

  #forget(now: number): void {
    for (const [nonce, ends] of this.#used) if (ends <= now) this.#used.delete(nonce)
    if (this.#used.size >= MAX_USED) this.#used.delete(this.#used.keys().next().value as string)
  }

  #sign(action: Action, visitor: string, expiresAt: number, nonce: string): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([action, visitor, expiresAt, nonce]))
      .digest('base64url')
  }
}
