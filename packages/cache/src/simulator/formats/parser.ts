import type { KeyNumbers } from '../key-numbers.js'
import type { Trace } from '../trace.js'
import type { TraceBuilder } from '../trace-builder.js'
import { TraceError } from '../trace-error.js'

/** Reads one format. Fed with the decompressed file piece by piece; throws a `TraceError` for what it cannot read. */
export interface TraceParser {
  push(chunk: Uint8Array): void
  /** Steps so far. */
  readonly length: number
  /**
   * Called once. `isWhole`: after the last piece, so that the file must end here; otherwise what was read so far
   * counts.
   */
  finish(isWhole: boolean): Trace
}

/** What a parser is made of. */
interface ParserParts {
  readonly builder: TraceBuilder
  readonly numbers: KeyNumbers
  /** Cuts pieces into records or lines, which go to the builder. */
  readonly pieces: { push(chunk: Uint8Array): void; finish(): void }
}

/** A parser of a format whose keys are whole numbers. */
export function parserOfNumbers(name: string, { builder, numbers, pieces }: ParserParts): TraceParser {
  return {
    push: (chunk) => pieces.push(chunk),
    get length() {
      return builder.length
    },
    finish(isWhole) {
      if (isWhole) pieces.finish()
      if (builder.length === 0) throw new TraceError(name, 'the file holds no request')
      return builder.finish(name, numbers.size)
    },
  }
}
