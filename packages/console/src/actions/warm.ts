import type { ConsoleCache } from '../options.js'
import type { Action } from '../wire.js'
import { inputsOf, type Keyed } from './inputs.js'
import { BadBody } from './parse.js'

type Warm = Extract<Action, { type: 'warm' }>

/** What the console uses of a definition: the arguments are known only when the program runs. */
interface Readable extends Keyed {
  get(...args: unknown[]): Promise<unknown>
}

const AT_ONCE = 16

/** The keys that an action warms: those it names, or the busiest that the cache knows of. */
export async function keysToWarm(cache: ConsoleCache, action: Warm): Promise<readonly string[]> {
  definitionOf(cache, action.definition)
  if (action.keys !== undefined) return action.keys
  const { watch } = cache
  if (watch?.enabled !== true)
    throw new BadBody(
      'action.keys: expected the keys to warm: this cache does not keep count of its busiest ones (heavyHitters)',
    )
  const query = { definition: action.definition, limit: action.top ?? 100 }
  const lists = await Promise.all((['misses', 'hits'] as const).map((by) => watch.heavyHitters({ by, ...query })))
  return [...new Set(lists.flatMap(({ keys }) => keys.map(({ key }) => key)))].slice(0, query.limit)
}

/**
 * Reads every key through its definition, a few at a time, so that what is missing is loaded. Tells how it went, in
 * words.
 */
export async function warm(cache: ConsoleCache, action: Warm): Promise<string> {
  const definition = definitionOf(cache, action.definition)
  const keys = await keysToWarm(cache, action)
  const waiting = [...keys]
  const count = { read: 0, failed: 0, unknown: 0 }
  const loads = () => cache.stats().definitions[action.definition]?.loads ?? 0
  const before = loads()
  const work = async () => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      const inputs = inputsOf(definition, key)
      if (inputs === undefined) count.unknown += 1
      else
        await definition.get(...inputs).then(
          () => {
            count.read += 1
          },
          () => {
            count.failed += 1
          },
        )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const told = [`${count.read} of ${keys.length} keys are warm`, `${loads() - before} loads meanwhile`]
  if (count.failed > 0) told.push(`${count.failed} loads failed`)
  if (count.unknown > 0) told.push(`${count.unknown} keys do not tell the arguments that they are made from`)
  return told.join(', ')
}

function definitionOf(cache: ConsoleCache, name: string): Readable {
  const definition = cache.definitions.get(name)
  if (definition !== undefined) return definition as unknown as Readable
  const known = [...cache.definitions.keys()].join(', ') || 'none'
  throw new BadBody(`action.definition: expected one of ${known}, got ${JSON.stringify(name)}`)
}
