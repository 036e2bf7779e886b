import { useMemo } from 'react'
import { amount, percent } from '../../../src/format.js'
import { hitRate, rates, type Series, shares, windowOf } from '../figures.js'
import { Chart } from './chart.js'

/** Where reads were answered: the upper edge is the overall hit rate. */
export function AnswerChart({
  series,
  smoothed,
  spanMs,
  height,
}: {
  series: Series
  /** Intervals that a share is summed over. */
  smoothed: number
  spanMs: number
  height?: number
}) {
  const lines = useMemo(() => {
    const memory = shares(series.memoryHits, series.reads, smoothed)
    const remote = shares(series.remoteHits, series.reads, smoothed)
    const both = memory.map((share, index) => (share === null ? null : share + (remote[index] ?? 0)))
    return [
      { label: 'Hit rate', colour: 'remote', values: both, filled: 1 },
      { label: 'from memory', colour: 'memory', values: memory, filled: true },
    ]
  }, [series, smoothed])
  const window = windowOf(series, spanMs)
  return (
    <Chart
      summary={`Hit rate over time. In the time shown ${percent(hitRate(window))} of ${amount(window.reads)} reads were answered by a tier, ${percent(window.reads === 0 ? undefined : window.memoryHits / window.reads)} from memory.`}
      at={series.at}
      lines={lines}
      spanMs={spanMs}
      format={percent}
      axisFormat={(share) => `${Math.round(share * 100)} %`}
      range={[0, 1]}
      {...(height === undefined ? {} : { height })}
    />
  )
}

/**
 * Reads a second, and the loads that they cost: the distance between the lines is the load that the origin was spared.
 */
export function ThroughputChart({ series, spanMs, height }: { series: Series; spanMs: number; height?: number }) {
  const lines = useMemo(
    () => [
      { label: 'Reads/s', colour: 'ink-line', values: rates(series.reads, series.durationMs), filled: true },
      { label: 'Loads/s', colour: 'origin', values: rates(series.loads, series.durationMs), filled: true },
    ],
    [series],
  )
  const window = windowOf(series, spanMs)
  return (
    <Chart
      summary={`Throughput over time. In the time shown ${amount(window.reads)} reads cost ${amount(window.loads)} loads.`}
      at={series.at}
      lines={lines}
      spanMs={spanMs}
      format={amount}
      {...(height === undefined ? {} : { height })}
    />
  )
}
