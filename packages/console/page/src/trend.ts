import type { Trend } from '@tableforge/cache'

/** How the last hour compares with the same hour yesterday, and where it is going. */
export interface TrendInWords {
  /** `undefined`: no different, or nothing is known of yesterday. */
  readonly way: 'up' | 'down' | undefined
  /** Such as `2.1 points since yesterday, rising over the last hour`. */
  readonly text: string
}

/** Shares are told in percentage points: a percentage of a percentage misleads. */
const SHARES: ReadonlySet<Trend['figure']> = new Set(['hitRate', 'errorRate'])
/** Less than a tenth of a point, or than one percent, is no change. */
const LEAST = { share: 0.001, amount: 0.01 }
/** So many times that, in an hour, is a direction. */
const STEEP = 10

/** `undefined` when there is nothing to say: no traffic at this hour yesterday, and no direction today. */
export function trendInWords(trend: Trend | undefined): TrendInWords | undefined {
  if (trend === undefined || trend.now === null) return undefined
  const { now, yesterday, change, slopePerHour } = trend
  const isShare = SHARES.has(trend.figure)
  const least = isShare ? LEAST.share : LEAST.amount
  const difference = isShare && yesterday !== null ? now - yesterday : isShare ? null : change
  const slope = slopePerHour === null ? 0 : isShare ? slopePerHour : slopePerHour / (now || 1)
  const heading = Math.abs(slope) < least * STEEP ? [] : [`${slope > 0 ? 'rising' : 'falling'} over the last hour`]
  const compared = difference === null ? [] : [comparison(difference, isShare, least)]
  const text = [...compared, ...heading].join(', ')
  if (text === '') return undefined
  const differs = difference !== null && Math.abs(difference) >= least
  return { way: differs ? (difference > 0 ? 'up' : 'down') : undefined, text }
}

function comparison(difference: number, isShare: boolean, least: number): string {
  const size = Math.abs(difference)
  if (size < least) return 'as yesterday'
  if (isShare) return `${(size * 100).toFixed(1)} points since yesterday`
  // Beyond that, how many times as much is easier to grasp.
  if (difference >= 4) return `${Math.round(difference) + 1} times yesterday's`
  return `${Math.round(size * 100)} % since yesterday`
}
