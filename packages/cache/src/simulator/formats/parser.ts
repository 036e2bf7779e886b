import type { Trace } from '../trace.js'

/** Reads one format. Fed with the decompressed file piece by piece; throws a `TraceError` for what it cannot read. */
export interface TraceParser {
  push(chunk: Uint8Array): void
  /** Steps so far. */
  readonly length: number
  /** Called once. `isWhole`: after the last piece, so that the file must end here; otherwise what was read so far counts. */
  finish(isWhole: boolean): Trace
}
