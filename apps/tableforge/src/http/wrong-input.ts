import type { z } from 'zod'

/** What people call the fields that they fill in, by the name in the protocol. */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  text: 'message',
  bio: 'text about you',
  q: 'search',
  notation: 'roll',
  label: 'label',
  description: 'description',
  defaultDice: 'usual roll',
}

/**
 * What is wrong with an input, without repeating it: a sentence where a person wrote it, otherwise the place and what
 * is wanted there.
 */
export function describe(where: string, error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => sentence(issue) ?? `${[where, ...issue.path].join('.')}: ${issue.message}`)
    .join('; ')
}

function sentence(issue: z.core.$ZodIssue): string | undefined {
  const field = FIELDS[String(issue.path.at(-1))]
  if (field === undefined) return undefined
  if (issue.code === 'too_small' && issue.origin === 'string') return `Please enter a ${field}.`
  if (issue.code === 'too_big' && issue.origin === 'string') {
    return `A ${field} has at most ${issue.maximum} characters.`
  }
  return undefined
}
