import type { Fleet } from '@tableforge/cache'
import { useEffect, useRef } from 'react'
import { noteInAddress, usePlace, type View } from '../location.js'
import { usePolled } from '../polled.js'
import type { Scope } from '../whose.js'

const SPANS = [
  { name: '1min', label: '1 min', ms: 60_000 },
  { name: '5min', label: '5 min', ms: 300_000 },
  { name: '10min', label: '10 min', ms: 600_000 },
  // What the cache itself keeps, when it keeps history.
  { name: '2h', label: '2 h', ms: 7_200_000, watched: true },
  { name: '7d', label: '7 d', ms: 604_800_000, watched: true },
] as const
const USUAL = SPANS[1]

/** Which time is shown, and of whom. Stands in the address, so that a link shows what one sees. */
export interface Timing {
  readonly spanMs: number
  readonly scope: Scope
  readonly setSpanMs: (ms: number) => void
  readonly setScope: (scope: Scope) => void
}

/** Only these views show a time, and may show other nodes. */
export function isTimed(view: View): boolean {
  return view === 'overview' || view === 'definitions'
}

/** `watched`: whether history is kept, without which nothing but the last minutes of this node is known. */
export function useTiming(watched: boolean): Timing {
  const { view, subject, noted } = usePlace()
  const last = useRef({ time: USUAL.name as string, of: 'node' as string })
  // Links within the page say nothing of it: then it stays as it was.
  const time = noted.get('time') ?? last.current.time
  const of = noted.get('of') ?? last.current.of

  // biome-ignore lint/correctness/useExhaustiveDependencies: another place is to say it as well.
  useEffect(() => {
    last.current = { time, of }
    if (isTimed(view) && (time !== USUAL.name || of !== 'node')) noteInAddress({ time, of })
  }, [view, subject, time, of])

  const span = spansOf(watched).find(({ name }) => name === time) ?? USUAL
  return {
    spanMs: span.ms,
    scope: watched && isScope(of) ? of : 'node',
    setSpanMs: (ms) => noteInAddress({ time: (SPANS.find((one) => one.ms === ms) ?? USUAL).name, of }),
    setScope: (scope) => noteInAddress({ time, of: scope }),
  }
}

function spansOf(watched: boolean) {
  return SPANS.filter((span) => watched || !('watched' in span))
}

function isScope(text: string): text is Scope {
  return /^(node|fleet|node:.{1,200})$/.test(text)
}

export function TimingControls({
  timing: { spanMs, setSpanMs, scope, setScope },
  watched,
  self,
}: {
  timing: Timing
  watched: boolean
  self: string | undefined
}) {
  return (
    <>
      <fieldset className="spans">
        <legend className="unseen">Time shown</legend>
        {spansOf(watched).map(({ label, ms }) => (
          <label key={ms}>
            <input type="radio" name="span" checked={spanMs === ms} onChange={() => setSpanMs(ms)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      {watched && <ScopeChoice scope={scope} onScope={setScope} self={self} />}
    </>
  )
}

/** Whose figures: of all processes, of this one, or of another. */
function ScopeChoice({
  scope,
  onScope,
  self,
}: {
  scope: Scope
  onScope: (scope: Scope) => void
  self: string | undefined
}) {
  const { data: fleet } = usePolled<Fleet>('fleet', 10_000)
  const others = fleet?.nodes.flatMap(({ node }) => (node === self ? [] : [node])) ?? []
  const chosen = scope.startsWith('node:') ? [scope.slice('node:'.length)] : []
  return (
    <label className="scope">
      <span className="unseen">Figures of</span>
      <select value={scope} onChange={(event) => onScope(event.target.value as Scope)}>
        <option value="node">This node</option>
        <option value="fleet">Fleet{fleet === undefined ? '' : ` (${fleet.nodes.length})`}</option>
        {[...new Set([...others, ...chosen])].map((node) => (
          <option key={node} value={`node:${node}`}>
            {node}
          </option>
        ))}
      </select>
    </label>
  )
}
