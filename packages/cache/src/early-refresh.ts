import { invalidOption, refuseUnknown } from './errors.js'

/** Probabilistic early refresh; `true` is `{ beta: 1 }`. */
export type EarlyRefresh = boolean | { readonly beta?: number }

const OPTION_NAMES = new Set(['beta'])
/** -ln of the smallest share that a random source of 53 bits gives: nothing is drawn earlier. */
const LONGEST_DRAW = 53 * Math.LN2

/** The factor beta of the option; 0 for never. */
export function resolveEarlyRefresh(name: string, option: EarlyRefresh): number {
  if (typeof option === 'boolean') return option ? 1 : 0
  const wanted = 'true, false or { beta } with a number above 0'
  if (typeof option !== 'object' || option === null) throw invalidOption(name, option, wanted)
  refuseUnknown(name, option, OPTION_NAMES)
  const { beta = 1 } = option
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY)) throw invalidOption(`${name}.beta`, beta, 'a number above 0')
  return beta
}

/** Before this moment {@link drawsRefresh} never says yes; so a hit need not ask it. Wall time in milliseconds. */
export function earliestDraw(expiresAt: number, loadMs: number, beta: number): number {
  return expiresAt - loadMs * beta * LONGEST_DRAW
}

/**
 * XFetch: whether a read at `now` refreshes a value that is still fresh. The chance grows as expiry comes closer, over
 * a time in proportion to what the load takes, so that of many readers, in many processes, one comes first and early
 * enough. With `beta` 1 the expected loads are close to the least possible; more refreshes earlier. All in
 * milliseconds. Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015.
 */
export function drawsRefresh(
  { expiresAt, loadMs, beta }: { readonly expiresAt: number; readonly loadMs: number; readonly beta: number },
  now: number,
  random: () => number,
): boolean {
  return now - loadMs * beta * Math.log(1 - random()) >= expiresAt
}
