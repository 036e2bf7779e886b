/** The request's query is not what it must be; the message names the parameter, what it got and what it wants. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery'
}

const MAX_KEY_LENGTH = 1_024

/** The query's parameters by name; each of `allowed` at most once, no others. */
export function readQuery<const Name extends string>(
  url: string,
  allowed: readonly Name[],
): { readonly [N in Name]?: string } {
  const query = new URL(url).searchParams
  for (const name of query.keys()) {
    if (!(allowed as readonly string[]).includes(name)) {
      const wanted = allowed.length === 0 ? 'no parameters' : `only ${allowed.join(', ')}`
      throw new BadQuery(`${clip(name)}: unknown parameter; this call takes ${wanted}`)
    }
    if (query.getAll(name).length > 1)
      throw new BadQuery(`${name}: expected once, got ${query.getAll(name).length} times`)
  }
  return Object.fromEntries(query) as { [N in Name]?: string }
}

/** A whole number from 1 to `most`, or `most` when the parameter is absent. */
export function countParameter(name: string, given: string | undefined, most: number): number {
  if (given === undefined) return most
  const count = /^\d{1,9}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > most)
    throw new BadQuery(`${name}: expected a whole number from 1 to ${most}, got ${clip(given)}`)
  return count
}

export function keyParameter(given: string | undefined): string {
  if (given === undefined || given === '')
    throw new BadQuery('key: expected the full key to look up, such as room:state:r1, got nothing')
  if (given.length > MAX_KEY_LENGTH)
    throw new BadQuery(`key: expected at most ${MAX_KEY_LENGTH} characters, got ${given.length}`)
  return given
}

function clip(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)
}
