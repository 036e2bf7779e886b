import type { ObjectiveReport } from '@tableforge/cache'
import { amount, duration, percent } from '../../../src/format.js'
import { Scroll } from './scroll.js'

/** Promises about reads: what was promised, what was kept, and how much of the error budget is left. */
export function Objectives({ objectives }: { objectives: readonly ObjectiveReport[] }) {
  return (
    <Scroll label="Objectives">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Objective</th>
            <th scope="col">Promised</th>
            <th scope="col">Kept</th>
            <th scope="col">Of reads</th>
            <th scope="col">Budget left</th>
            <th scope="col">Burn, last hour</th>
          </tr>
        </thead>
        <tbody>
          {objectives.map((one) => (
            <tr key={`${one.definition} ${one.objective}`}>
              <th scope="row">
                {one.definition === '' ? 'all reads' : one.definition}{' '}
                <span className="detail">
                  {one.objective === 'hitRate' ? 'hit rate' : one.objective}
                  {one.thresholdMs !== undefined && ` within ${duration(one.thresholdMs)}`}
                </span>
              </th>
              <td data-label="Promised">{percent(one.target)}</td>
              <td data-label="Kept" data-wrong={one.met === false}>
                {one.met === false && <span aria-hidden="true">▲ </span>}
                {percent(one.actual ?? undefined)}
                <span className="unseen">{one.met === null ? '' : one.met ? ', met' : ', not met'}</span>
              </td>
              <td data-label="Of reads">{amount(one.total)}</td>
              <td data-label="Budget left">
                <Budget left={one.budgetLeft} />
              </td>
              <td data-label="Burn, last hour" data-wrong={one.burnRate > 1}>
                {one.burnRate.toFixed(1)}×
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Budget({ left }: { left: number }) {
  const shown = Math.max(0, Math.min(1, left))
  return (
    <span className="budget">
      <span className="track" aria-hidden="true">
        <i data-level={left < 0.25 ? 'high' : 'normal'} style={{ width: `${shown * 100}%` }} />
      </span>
      <span data-wrong={left < 0}>{left < 0 ? 'overspent' : percent(left)}</span>
    </span>
  )
}
