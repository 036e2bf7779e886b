import { createClient, RequestError } from '../../../src/client.js'

/** Calls a route of the server that this page came from. */
export const call = createClient()

/** What went wrong, as a sentence for the person at the screen. */
export function complaintOf(error: unknown): string {
  if (error instanceof RequestError) return error.message
  if (error instanceof TypeError) return 'The server cannot be reached. Check the connection and try again.'
  return error instanceof Error ? error.message : String(error)
}

export { RequestError }
