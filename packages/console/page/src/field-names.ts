/** What the page calls the fields that the API names. */
const FIELDS: Readonly<Record<string, string>> = {
  key: 'Key',
  tag: 'Tag',
  pattern: 'Pattern',
  regex: 'Expression',
  keys: 'Full keys',
  definition: 'Definition',
  durationMs: 'How long',
  reason: 'Why',
}

/** A message of the API for somebody who sees a form, not a body: `action.target.regex: …` is `Expression: …` there. */
export function asOfTheForm(message: string): string {
  const [prefix = '', name = ''] = /^(?:action\.)?(?:target\.)?(\w+)(?:\[\d+\])?: /.exec(message) ?? []
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
  return field === undefined ? message : `${field}: ${message.slice(prefix.length)}`
}
