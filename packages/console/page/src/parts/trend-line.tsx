import type { Trend } from '@tableforge/cache'
import { trendInWords } from '../trend.js'

/**
 * One figure's trend in a line; nothing while there is nothing to compare. `of`: what it is of, unless that stands
 * above.
 */
export function TrendLine({ trend, of }: { trend: Trend | undefined; of?: string | undefined }) {
  const words = trendInWords(trend)
  if (words === undefined) return null
  return (
    <dd className="trend">
      {of !== undefined && `${of} `}
      {words.way !== undefined && (
        <>
          <span aria-hidden="true">{words.way === 'up' ? '▲' : '▼'} </span>
          <span className="unseen">{words.way} </span>
        </>
      )}
      {words.text}
    </dd>
  )
}
