/** What went wrong, for programs. */
export type CacheErrorCode =
  | 'invalid-option'
  | 'invalid-key'
  | 'invalid-argument'
  | 'load-failed'
  | 'load-timeout'
  | 'overloaded'
  | 'write-failed'
  | 'remote-unavailable'
  | 'remote-failed'
  | 'remote-timeout'
  | 'damaged-value'
  | 'closed'
  /** Figures over time were asked for, and the option that keeps them is off. */
  | 'not-watched'
  /** Of the invalidation layer: */
  | 'unknown-event'
  | 'rule-failed'
  | 'queue-full'
  | 'invalidation-failed'

interface CacheErrorDetails {
  readonly cause?: unknown
  readonly key?: string | undefined
}

/** The library's error: a stable `code`, the `key` where one is concerned, and the original error as `cause`. */
export class CacheError extends Error {
  override readonly name: string = 'CacheError'
  readonly code: CacheErrorCode
  readonly key: string | undefined

  constructor(code: CacheErrorCode, message: string, details: CacheErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    this.key = details.key
  }
}

/** A load, or a call to the remote tier, took longer than its limit. */
export class CacheTimeoutError extends CacheError {
  override readonly name = 'CacheTimeoutError'

  constructor(code: 'load-timeout' | 'remote-timeout', message: string, details: CacheErrorDetails = {}) {
    super(code, message, details)
  }
}

/** As many loads of a definition as its bulkhead allows are under way, and as many wait. No load was begun. */
export class CacheOverloadedError extends CacheError {
  override readonly name = 'CacheOverloadedError'
  readonly definition: string
  /** Loads under way and waiting when it was refused. */
  readonly running: number
  readonly waiting: number

  constructor(definition: string, running: number, waiting: number) {
    const loads = definition === '' ? 'loads without a definition' : `loads of '${definition}'`
    super(
      'overloaded',
      `too many ${loads}: ${running} are under way and ${waiting} wait, as many as its bulkhead allows`,
    )
    this.definition = definition
    this.running = running
    this.waiting = waiting
  }
}

/** An option is not what it must be; the message names it, what it got and what it wants. */
export function invalidOption(name: string, got: unknown, wanted: string): CacheError {
  return wrongOption(name, show(got), wanted)
}

/** {@link invalidOption}, with what it got in words. */
export function wrongOption(name: string, got: string, wanted: string): CacheError {
  return new CacheError('invalid-option', `${name}: expected ${wanted}, got ${got}`)
}

/** Throws for an option that does not exist, naming the nearest thing to a remedy: the list of those that do. */
export function refuseUnknown(where: string, options: object, known: ReadonlySet<string>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalidOption(where, options, 'an object of options')
  for (const option of Object.keys(options))
    if (!known.has(option))
      throw wrongOption(`${where}.${option}`, 'an unknown option', `one of ${[...known].join(', ')}`)
}

/** {@link invalidOption}, for what a call was given. */
export function invalidArgument(name: string, got: unknown, wanted: string): CacheError {
  return new CacheError('invalid-argument', `${name}: expected ${wanted}, got ${show(got)}`)
}

/** What was thrown, as a part of another message. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : show(thrown)
}

/** Characters of a value in a message at most. */
const LONGEST_SHOWN = 60

/** A short, safe rendering of a value for messages: never more than 60 characters, never the inside of objects. */
export function show(value: unknown): string {
  const text = render(value)
  // Cut only now: what is escaped takes more characters than it has.
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 3)}...` : text
}

function render(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, LONGEST_SHOWN))
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null)
    return `an object of type ${value.constructor?.name ?? 'null prototype'}`
  return typeof value === 'bigint' ? `${value}n` : String(value)
}
