import type { ErrorCode, Problem } from '../protocol.js'

/**
 * An answer other than what was asked for, meant for the client: its message says what was wrong and what would be
 * right.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }

  get problem(): Problem {
    const { code, message, retryAfterMs } = this
    return { error: { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } }
  }
}

export const badRequest = (message: string) => new Refusal('bad-request', message)
export const forbidden = (message: string) => new Refusal('forbidden', message)
export const notFound = (what: string) => new Refusal('not-found', `There is no such ${what}.`)
export const conflict = (message: string) => new Refusal('conflict', message)
