import { percent } from '../../../src/format.js'

/** How much of a bound is used; only the amount when there is no bound. */
export function Meter({
  label,
  used,
  bound,
  format,
}: {
  label: string
  used: number
  bound: number | null
  format: (value: number) => string
}) {
  const share = bound === null || bound === 0 ? undefined : Math.min(1, used / bound)
  return (
    <div className="meter">
      <span className="meter-label">
        {label} <b>{format(used)}</b>{' '}
        <span className="of">{bound === null ? 'without bound' : `of ${format(bound)} · ${percent(share)}`}</span>
      </span>
      {share !== undefined && (
        <span className="track" aria-hidden="true">
          <i data-level={share > 0.95 ? 'high' : 'normal'} style={{ width: `${share * 100}%` }} />
        </span>
      )}
    </div>
  )
}
