import type { ObjectiveReport, Report } from '@tableforge/cache'
import { duration, percent } from '../../../src/format.js'
import type { WireDefinition } from '../../../src/wire.js'
import { usePolled } from '../polled.js'
import { Fact } from './coherence.js'
import { Objectives } from './objectives.js'
import { Nothing, Panel } from './panel.js'

/** How a definition is configured. */
export function Configured({ name }: { name: string }) {
  const { data } = usePolled<{ definitions: WireDefinition[] }>('definitions', 60_000)
  const one = data?.definitions.find((definition) => definition.name === name)
  return (
    <Panel area="half" title="Configured" note={one === undefined ? undefined : `freshness: ${one.freshness}`}>
      {one === undefined ? (
        <Nothing>Calls without a definition take the defaults of the cache</Nothing>
      ) : (
        <Facts one={one} />
      )}
    </Panel>
  )
}

/** What a definition promises, when it promises anything. */
export function Promises({ name, watched }: { name: string; watched: boolean }) {
  const { data: report } = usePolled<Report>(watched ? 'report' : undefined, 10_000)
  const objectives = (report?.objectives ?? []).filter((one: ObjectiveReport) => one.definition === name)
  if (objectives.length === 0) return null
  return (
    <Panel area="wide" title="Objectives" note={name}>
      <Objectives objectives={objectives} />
    </Panel>
  )
}

function Facts({ one }: { one: WireDefinition }) {
  const time = (ms: number | null) => (ms === null ? 'without end' : ms === 0 ? 'none' : duration(ms))
  return (
    <dl className="facts">
      <Fact
        name="TTL"
        value={time(one.ttl)}
        detail={one.jitter > 0 ? `less up to ${percent(one.jitter)}` : undefined}
      />
      <Fact name="Grace" value={time(one.grace)} />
      <Fact name="TTL of nothing" value={one.negativeTtl === null ? 'the same' : time(one.negativeTtl)} />
      <Fact
        name="Refresh ahead"
        value={one.refreshAhead === null ? 'no' : `at ${percent(one.refreshAhead)} of the ttl`}
      />
      <Fact name="Soft timeout" value={one.softTimeout === null ? 'none' : time(one.softTimeout)} />
      <Fact name="Hard timeout" value={time(one.hardTimeout)} />
      <Fact name="Max staleness" value={time(one.maxStaleness)} />
      <Fact name="Cut off from the log" value={one.onPartition} />
    </dl>
  )
}
