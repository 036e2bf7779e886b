import { createHmac, timingSafeEqual } from 'node:crypto'

/** The header of a signed notification. */
export const SIGNATURE_HEADER = 'x-tableforge-signature'

const DEFAULT_TOLERANCE_MS = 300_000

/**
 * `t=SECONDS,v1=HEX`: HMAC-SHA256 (RFC 2104) of `SECONDS.BODY`. The time is signed too, so that it can't be sent again
 * later.
 */
export function signature(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000)
  return `t=${seconds},v1=${digest(secret, seconds, body).toString('hex')}`
}

/**
 * Whether a notification comes from a sender that knows the secret, and is not older than `toleranceMs` (default 5
 * minutes): for the receiving side. `body` is the text as it arrived, before it is parsed.
 */
export function verifySignature(
  secret: string,
  body: string,
  header: string | null | undefined,
  { nowMs = Date.now(), toleranceMs = DEFAULT_TOLERANCE_MS }: { nowMs?: number; toleranceMs?: number } = {},
): boolean {
  const [, time, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? []
  if (time === undefined || hex === undefined) return false
  const seconds = Number(time)
  if (Math.abs(nowMs - seconds * 1_000) > toleranceMs) return false
  return timingSafeEqual(digest(secret, seconds, body), Buffer.from(hex, 'hex'))
}

function digest(secret: string, seconds: number, body: string): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest()
}
