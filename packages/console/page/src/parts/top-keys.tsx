import type { HeavyHitterMeasure, HeavyHitters } from '@tableforge/cache'
import { useId, useState } from 'react'
import { amount, bytes, duration, percent } from '../../../src/format.js'
import { hrefTo } from '../location.js'
import { usePolled } from '../polled.js'
import { type Scope, whose } from '../whose.js'
import { Nothing, Panel } from './panel.js'

const MEASURES: readonly {
  readonly by: HeavyHitterMeasure
  readonly label: string
  readonly format: (value: number) => string
}[] = [
  { by: 'hits', label: 'Hits', format: amount },
  { by: 'misses', label: 'Misses', format: amount },
  { by: 'loadMs', label: 'Load time', format: duration },
  { by: 'bytes', label: 'Bytes', format: bytes },
]

/** The keys that account for most of a definition's work, on the nodes whose figures are shown. */
export function TopKeys({ name, watched, scope }: { name: string; watched: boolean; scope: Scope }) {
  const id = useId()
  const [by, setBy] = useState<HeavyHitterMeasure>('hits')
  const path = `top?by=${by}&limit=10&definition=${encodeURIComponent(name)}&scope=${encodeURIComponent(scope)}`
  const { data, problem } = usePolled<HeavyHitters>(watched ? path : undefined, 3_000)
  const format = MEASURES.find((one) => one.by === by)?.format ?? amount
  const most = Math.max(1e-9, ...(data?.keys.map(({ estimate }) => estimate) ?? []))
  return (
    <Panel
      area="half"
      title="Busiest keys"
      note={
        data === undefined || data.keys.length === 0
          ? undefined
          : `${whoseKeys(scope, data)} · % of all ${by === 'loadMs' ? 'load time' : by}`
      }
      actions={
        <fieldset className="spans small">
          <legend className="unseen">By</legend>
          {MEASURES.map((one) => (
            <label key={one.by}>
              <input type="radio" name={`${id}-by`} checked={by === one.by} onChange={() => setBy(one.by)} />
              <span>{one.label}</span>
            </label>
          ))}
        </fieldset>
      }
    >
      {data === undefined || data.keys.length === 0 ? (
        <Nothing>
          {problem ?? (watched ? 'None counted yet' : 'Not counted: createCache(…, heavyHitters: true) makes it')}
        </Nothing>
      ) : (
        <ol className="top">
          {data.keys.map(({ key, estimate, error }) => (
            <li key={key}>
              <a href={hrefTo('keys', key)}>{key}</a>
              <span className="track" aria-hidden="true">
                <i style={{ width: `${(estimate / most) * 100}%` }} />
              </span>
              <span className="value" title={error > 0 ? `give or take ${format(error)}` : undefined}>
                {error > 0 ? 'about ' : ''}
                {format(estimate)}{' '}
                <span className="detail">{data.total > 0 ? percent(Math.min(1, estimate / data.total)) : ''}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}

function whoseKeys(scope: Scope, { nodes }: HeavyHitters): string {
  return scope === 'fleet' ? `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}` : whose(scope)
}
