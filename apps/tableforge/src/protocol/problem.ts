import { z } from 'zod'

export const ErrorCode = z.enum([
  'bad-request',
  'not-signed-in',
  'forbidden',
  'not-found',
  'conflict',
  'too-large',
  'rate-limited',
  'internal',
])
export type ErrorCode = z.infer<typeof ErrorCode>

/** The body of every answer that is not 2xx, and of a failed acknowledgement. `retryAfterMs` with `rate-limited`. */
export const Problem = z.object({
  error: z.object({ code: ErrorCode, message: z.string(), retryAfterMs: z.number().optional() }),
})
export type Problem = z.infer<typeof Problem>
