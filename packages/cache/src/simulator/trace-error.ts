/** A trace that cannot be read: which file, where in it, what was found, and what was expected. */
export class TraceError extends Error {
  override readonly name = 'TraceError'
  readonly code = 'invalid-trace'
  /** File or trace that it is about. */
  readonly source: string
  /** Byte of the data after decompression, where one can be named. */
  readonly offset: number | undefined

  constructor(source: string, problem: string, { offset, cause }: { offset?: number; cause?: unknown } = {}) {
    const place = offset === undefined ? source : `${source}, byte ${offset}`
    super(`${place}: ${problem}`, cause === undefined ? undefined : { cause })
    this.source = source
    this.offset = offset
  }
}
