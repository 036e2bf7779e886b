/** What is needed of a definition to go back from a key to the arguments that make it. */
export interface Keyed {
  readonly name: string
  keyOf(...args: never[]): string
}

/**
 * The arguments from which a definition makes a key, or `undefined` when they cannot be told. A key function has no
 * inverse; so the likely arguments are tried (the text whole, or in its parts, as text or as numbers) and taken when
 * they make exactly this key.
 */
export function inputsOf(definition: Keyed, key: string): unknown[] | undefined {
  const text = key === definition.name ? '' : key.slice(definition.name.length + 1)
  if (key !== definition.name && !key.startsWith(`${definition.name}:`)) return undefined
  const parts = text.split(':')
  const decoded = parts.map(decode)
  const candidates: unknown[][] = [
    ...(text === '' ? [[]] : []),
    [text],
    [numeric(text)],
    decoded,
    decoded.map(numeric),
    ...(parts.length > 2 ? [[...decoded.slice(0, -1).map(numeric), decoded.at(-1)]] : []),
  ]
  return candidates.find((candidate) => makes(definition, candidate, key))
}

function makes(definition: Keyed, candidate: readonly unknown[], key: string): boolean {
  try {
    return definition.keyOf(...(candidate as never[])) === key
  } catch {
    // A key function may well refuse arguments that are not its own: then they are not.
    return false
  }
}

function decode(part: string): string {
  return part.replaceAll('%3A', ':').replaceAll('%25', '%')
}

function numeric(part: string): unknown {
  return /^-?\d{1,15}$/.test(part) && String(Number(part)) === part ? Number(part) : part
}
