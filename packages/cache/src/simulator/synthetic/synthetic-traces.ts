import { invalidArgument, invalidOption } from '../../errors.js'
import type { Trace } from '../trace.js'
import { eveningTrace } from './evening.js'
import { loopTrace, scanTrace, shiftingTrace, zipfTrace } from './patterns.js'

type Numbers = Readonly<Record<string, number>>

/** A kind of made-up trace. */
export interface SyntheticTrace {
  readonly about: string
  /** Every option that it takes, with its default. */
  readonly defaults: Numbers
  make(options: Numbers): Trace
}

/** The made-up traces by name. */
export const SYNTHETIC_TRACES: Readonly<Record<string, SyntheticTrace>> = Object.freeze({
  zipf: kind('keys by popularity, independent of each other', zipfTrace, {
    requests: 1_000_000,
    keys: 100_000,
    skew: 0.9,
    seed: 1,
  }),
  scan: kind('every key once', scanTrace, { requests: 200_000 }),
  loop: kind('the same keys in the same order, again and again', loopTrace, { requests: 500_000, keys: 10_000 }),
  shifting: kind('keys by popularity, half of which moves on at each shift', shiftingTrace, {
    requests: 1_000_000,
    keys: 20_000,
    skew: 0.9,
    shifts: 9,
    seed: 1,
  }),
  evening: kind('an evening of TableForge: people at tables, patched and invalidated as they play', eveningTrace, {
    players: 240,
    minutes: 60,
    seed: 1,
  }),
})

/**
 * A made-up trace by its name and options, such as `zipf` or `zipf:keys=50000,skew=0.8`. `seed` counts unless the text
 * has one. Throws a `CacheError` for a name, an option or a number that it does not know.
 */
export function syntheticTrace(text: string, { seed = 1 }: { readonly seed?: number } = {}): Trace {
  if (typeof text !== 'string') throw invalidArgument('synthetic', text, "a text such as 'zipf' or 'zipf:keys=50000'")
  const [name = '', settings = ''] = text.split(/:(.*)/s)
  const made = SYNTHETIC_TRACES[name]
  if (made === undefined || !Object.hasOwn(SYNTHETIC_TRACES, name)) {
    throw invalidOption('synthetic', name, `one of ${Object.keys(SYNTHETIC_TRACES).join(', ')}`)
  }
  const seeded: Numbers = 'seed' in made.defaults ? { seed } : {}
  const given = settings.split(',').filter((setting) => setting.trim() !== '')
  return made.make({ ...seeded, ...Object.fromEntries(given.map((setting) => option(name, made, setting))) })
}

function option(name: string, { defaults }: SyntheticTrace, setting: string): [string, number] {
  const [key = '', value = ''] = setting.split('=').map((part) => part.trim())
  const known = Object.hasOwn(defaults, key)
  const number = value === '' ? Number.NaN : Number(value)
  if (known && (key === 'skew' ? number >= 0 && number <= 10 : Number.isSafeInteger(number) && number >= 1)) {
    return [key, number]
  }
  const options = Object.entries(defaults).map(([each, usual]) => `${each}=${usual}`)
  const wanted = known
    ? `a ${key === 'skew' ? 'number from 0 to 10' : 'whole number of at least 1'}`
    : `one of ${options.join(', ')}`
  throw invalidOption(`synthetic ${name}: ${key}`, known ? value : setting, wanted)
}

function kind<Options extends Numbers>(
  about: string,
  make: (options: Options) => Trace,
  defaults: Options,
): SyntheticTrace {
  return Object.freeze({ about, defaults, make: (options: Numbers) => make({ ...defaults, ...options }) })
}
