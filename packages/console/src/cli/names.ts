import { CliError, EXIT } from './exit-codes.js'

/** What a node's name ends with, so that its starts can be told apart. */
const SUFFIX = /-[0-9a-f]{8}$/

/** The node that `node:NAME` means: by its whole name, or by the one it was given, if only one was given that. */
export function nodeNamed(given: string, names: readonly string[]): string {
  if (names.includes(given)) return given
  const meant = names.filter((name) => name.replace(SUFFIX, '') === given)
  if (meant.length > 1)
    throw new CliError(EXIT.usage, `--scope: ${given} is the name of ${meant.join(' and ')}: say which`)
  return meant[0] ?? given
}

/** The name in `node:NAME`; `undefined` for other scopes. */
export function nodeOf(scope: string): string | undefined {
  return /^node:(.+)$/s.exec(scope)?.[1]
}

export function noSuch(option: string, what: string, given: string, names: readonly string[]): CliError {
  const there = names.length === 0 ? 'there is none' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`
  return new CliError(EXIT.usage, `${option}: no ${what} is called ${given}: ${there}`)
}

/** The API's names of what the command line calls otherwise. */
const TYPED: Readonly<Record<string, string>> = {
  'action.target.key': '--key',
  'action.target.tag': '--tag',
  'action.target.pattern': '--pattern',
  'action.target.regex': '--regex',
  reason: '--reason',
  window: '--window',
  scope: '--scope',
  limit: '--limit',
  definition: '--definition',
  key: 'inspect',
}

/** A message that begins with the name of a field, with the option that the person typed in its place. */
export function asTyped(message: string): string {
  return message.replace(/^[\w.]+(?=: )/, (name) => TYPED[name] ?? name)
}
