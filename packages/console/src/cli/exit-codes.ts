/** What the process exits with, so that scripts can tell. Written down in docs/tfcache.md. */
export const EXIT = {
  /** Done; healthy; nothing is firing; the key was found. */
  ok: 0,
  /** Failed for a reason that is none of the others. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Neither console nor Redis could be reached, or it let nobody in. */
  unreachable: 3,
  /** No tier holds the key. */
  notFound: 4,
  /** Unhealthy, or a critical alert is firing. */
  critical: 5,
  /** Degraded, or a warning is firing. */
  warning: 6,
  /** Not confirmed, so nothing was done. */
  notConfirmed: 7,
  /** Who was asked does not know: the cache keeps no history, the remote tier is away, only a console can tell. */
  notKnown: 8,
  /** Nobody uses the namespace on that Redis. */
  noNamespace: 9,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A failure that ends the command with its own code and one line on the error output. */
export class CliError extends Error {
  override readonly name = 'CliError'

  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message)
  }
}

/** The remote tier does not answer, so that what only it knows is not known; `reason` is what it was that failed. */
export class SilentTier extends CliError {
  constructor(
    readonly reason: string,
    message = `the remote tier does not answer (${reason})`,
  ) {
    super(EXIT.notKnown, message)
  }
}
