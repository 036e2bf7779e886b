/** A reason why nothing can start that a person must read and act on. */
export class SetupError extends Error {}

/** What to print of an error: the message when a person must act on it, otherwise the stack. */
export function explain(error: unknown): string
