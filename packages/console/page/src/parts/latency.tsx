import type { DefinitionStats, DurationFigures } from '@tableforge/cache'
import { duration } from '../../../src/format.js'
import { Scroll } from './scroll.js'

const DECADES = [0.001, 0.01, 0.1, 1, 10, 100, 1_000, 10_000]

export interface LatencyRow {
  readonly name: string
  readonly colour: string
  readonly time: DurationFigures
}

/** Each tier, and what a caller waits for whom memory could not serve. */
export function latencyRows({ memoryTime, remoteTime, loadTime, readTime }: DefinitionStats): readonly LatencyRow[] {
  return [
    { name: 'Memory hit', colour: 'memory', time: memoryTime },
    { name: 'Remote call', colour: 'remote', time: remoteTime },
    { name: 'Load', colour: 'origin', time: loadTime },
    { name: 'Beyond memory', colour: 'ink-line', time: readTime },
  ]
}

/** Percentiles of each tier since the start, on one ruler from a microsecond to ten seconds. */
export function LatencyRuler({ rows }: { rows: readonly LatencyRow[] }) {
  return (
    <Scroll label="Latency percentiles">
      <table className="latency">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col" className="ruler-head">
              <span className="ruler" aria-hidden="true">
                {DECADES.filter((_, index) => index % 3 === 0 || index === DECADES.length - 1).map((ms) => (
                  <i key={ms} style={{ left: `${position(ms)}%` }}>
                    {duration(ms).replace('.0', '')}
                  </i>
                ))}
              </span>
              <span className="unseen">p50 to p99, drawn</span>
            </th>
            <th scope="col">p50</th>
            <th scope="col">p90</th>
            <th scope="col">p99</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, colour, time }) => (
            <tr key={name}>
              <th scope="row">
                <i className="swatch" data-colour={colour} aria-hidden="true" /> {name}
              </th>
              <td className="ruler-cell">
                <Range colour={colour} time={time} />
              </td>
              <td>{time.count === 0 ? '–' : duration(time.p50)}</td>
              <td>{time.count === 0 ? '–' : duration(time.p90)}</td>
              <td>{time.count === 0 ? '–' : duration(time.p99)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Range({ colour, time }: { colour: string; time: DurationFigures }) {
  return (
    <span className="range" aria-hidden="true">
      {DECADES.map((ms) => (
        <i key={ms} className="decade" style={{ left: `${position(ms)}%` }} />
      ))}
      {time.count > 0 && (
        <>
          <i
            className="span"
            data-colour={colour}
            style={{ left: `${position(time.p50)}%`, width: `${position(time.p99) - position(time.p50)}%` }}
          />
          {[time.p50, time.p90, time.p99].map((ms, index) => (
            <i
              key={['p50', 'p90', 'p99'][index]}
              className="mark"
              data-colour={colour}
              style={{ left: `${position(ms)}%` }}
            />
          ))}
        </>
      )}
    </span>
  )
}

/** Percent of the ruler's length, by the logarithm. */
function position(ms: number): number {
  const [least, most] = [Math.log10(0.001), Math.log10(10_000)]
  return Math.min(100, Math.max(0, ((Math.log10(Math.max(ms, 1e-6)) - least) / (most - least)) * 100))
}
