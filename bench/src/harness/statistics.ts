/** The value below which `share` of the values lie, between neighbours by proportion; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position - Math.floor(position))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** A ratio over the rounds of one run: its median, and the quartiles that say how far rounds differ. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

/**
 * ours/theirs round by round. Both were measured in the same round, one after the other, so that what slowed the
 * machine down for a while slowed both: the median of these ratios moves less than the ratio of two medians.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Spread {
  const ratios = ours.flatMap((value, round) => {
    const other = theirs[round]
    return other === undefined ? [] : [value / other]
  })
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) }
}

/** Rounded to as many digits as a measurement carries. */
export function significant(value: number, digits = 4): number {
  return Number(value.toPrecision(digits))
}
