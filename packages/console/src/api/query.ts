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

/** One of `choices`, or `preset` when the parameter is absent. */
export function choiceParameter<const T extends string>(
  name: string,
  given: string | undefined,
  choices: readonly T[],
  preset: T,
): T {
  if (given === undefined) return preset
  const found = choices.find((choice) => choice === given)
  if (found === undefined) throw new BadQuery(`${name}: expected one of ${choices.join(', ')}, got ${clip(given)}`)
  return found
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const WEEK_MS = 7 * 86_400_000

/** Milliseconds of a text such as `5m`: 1 s to 7 days. */
export function durationParameter(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const [, count = '0', unit = 's'] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
  const ms = Number(count) * (UNITS[unit] ?? 0)
  if (ms < 1_000 || ms > WEEK_MS)
    throw new BadQuery(`${name}: expected a time such as 5m, 1s to 7d, got ${clip(given)}`)
  return ms
}

/** `fleet` (the default), `node` for the process that is asked, or `node:` and the name of another. */
export function scopeParameter(given: string | undefined): { scope: 'fleet' | 'node' | { node: string } } {
  if (given === undefined || given === 'fleet') return { scope: 'fleet' }
  if (given === 'node') return { scope: 'node' }
  const [, node] = /^node:(.{1,200})$/s.exec(given) ?? []
  if (node === undefined) throw new BadQuery(`scope: expected fleet, node or node:NAME, got ${clip(given)}`)
  return { scope: { node } }
}
