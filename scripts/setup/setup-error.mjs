/** A reason why nothing can start that a person must read and act on; where in our code it was noticed is of no use. */
export class SetupError extends Error {}

/**
 * What to print of an error: the message when a person must act on it, otherwise the stack.
 *
 * @param {unknown} error
 */
export function explain(error) {
  if (!(error instanceof Error)) return String(error)
  const isWrongArgument = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  return error instanceof SetupError || isWrongArgument ? error.message : (error.stack ?? error.message)
}
