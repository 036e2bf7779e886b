import type { Fleet, FleetBypass } from '@tableforge/cache'
import { type FormEvent, useId, useState } from 'react'
import { clockTime, duration } from '../../../src/format.js'
import type { Action, ActionRecord, ActionTarget, WireStats } from '../../../src/wire.js'
import type { Picture } from '../feed.js'
import { useActing } from '../parts/acting.js'
import { resultOf } from '../parts/action-words.js'
import { Nothing, Panel } from '../parts/panel.js'
import { usePolled } from '../polled.js'

/** What an operator can do, and what was done. */
export function Actions({ picture: { stats, actions } }: { picture: Picture }) {
  const { session, act } = useActing()
  return (
    <>
      {act === undefined ? (
        <Panel area="wide" title="Only operators may act">
          <p>
            You are signed in as {session?.name ?? 'somebody'} with the role {session?.role ?? 'viewer'}. You see what
            was done, and everything else on the other pages.
          </p>
        </Panel>
      ) : (
        <>
          <Invalidate act={act} />
          <Warm act={act} definitions={Object.keys(stats.definitions).filter((name) => name !== '')} />
          <Bypass act={act} stats={stats} />
          <Clear act={act} />
        </>
      )}
      <Panel area="wide" title="Done lately" note={`${actions.length} kept, on this node`}>
        {actions.length === 0 ? <Nothing>Nothing since the console started</Nothing> : <Records records={actions} />}
      </Panel>
    </>
  )
}

type Act = (action: Action) => void

const KINDS = [
  { kind: 'key', label: 'Key', hint: 'room:state:r1' },
  { kind: 'tag', label: 'Tag', hint: 'user:7, or the name of a definition' },
  { kind: 'pattern', label: 'Pattern', hint: 'room:*:r1' },
  { kind: 'regex', label: 'Expression', hint: '/^query:/i' },
] as const

function Invalidate({ act }: { act: Act }) {
  const id = useId()
  const [chosen, setChosen] = useState<(typeof KINDS)[number]>(KINDS[0])
  const [name, setName] = useState('')
  const [soft, setSoft] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const target = { [chosen.kind]: name.trim() } as unknown as ActionTarget
    if (name.trim() !== '') act({ type: 'invalidate', target, mode: soft ? 'expire' : 'delete' })
  }
  return (
    <Panel area="half" title="Invalidate" note="on every node">
      <form className="form" onSubmit={submit}>
        <fieldset className="spans">
          <legend className="unseen">What</legend>
          {KINDS.map((one) => (
            <label key={one.kind}>
              <input type="radio" name={`${id}-kind`} checked={chosen === one} onChange={() => setChosen(one)} />
              <span>{one.label}</span>
            </label>
          ))}
        </fieldset>
        <label htmlFor={id}>{chosen.label}</label>
        <input
          id={id}
          type="text"
          className="mono"
          value={name}
          required
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          maxLength={2_048}
          placeholder={chosen.hint}
          onChange={(event) => setName(event.target.value)}
        />
        <label className="check">
          <input type="checkbox" checked={soft} onChange={(event) => setSoft(event.target.checked)} /> Only expire: keep
          the value for its grace while it is loaded again
        </label>
        <button type="submit">Show what it hits…</button>
      </form>
    </Panel>
  )
}

function Warm({ act, definitions }: { act: Act; definitions: readonly string[] }) {
  const id = useId()
  const { session } = useActing()
  const [definition, setDefinition] = useState(definitions[0] ?? '')
  const [keys, setKeys] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const named = keys.split(/\s+/).filter(Boolean)
    act(named.length > 0 ? { type: 'warm', definition, keys: named } : { type: 'warm', definition, top: 100 })
  }
  return (
    <Panel area="half" title="Warm" note="load what is missing">
      <form className="form" onSubmit={submit}>
        <label htmlFor={`${id}-definition`}>Definition</label>
        <select id={`${id}-definition`} value={definition} onChange={(event) => setDefinition(event.target.value)}>
          {definitions.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <label htmlFor={id}>
          Full keys, one a line
          {session?.watched === true && <span className="detail"> · leave empty for its 100 busiest</span>}
        </label>
        <textarea id={id} className="mono" rows={2} value={keys} onChange={(event) => setKeys(event.target.value)} />
        <button type="submit" disabled={definition === ''}>
          Show what is read…
        </button>
      </form>
    </Panel>
  )
}

const LENGTHS = [
  { label: '15 min', ms: 900_000 },
  { label: '1 h', ms: 3_600_000 },
  { label: '4 h', ms: 14_400_000 },
  { label: '1 d', ms: 86_400_000 },
] as const

/** Emergency: reads go around a tier, here or everywhere, until it is trusted again. */
function Bypass({ act, stats }: { act: Act; stats: WireStats }) {
  const id = useId()
  const watched = useActing().session?.watched === true
  const { data: fleet } = usePolled<Fleet>(watched ? 'fleet' : undefined, 2_000)
  const [everywhere, setEverywhere] = useState(false)
  const [durationMs, setDurationMs] = useState<number>(LENGTHS[1].ms)
  const begin = (tier: Tier) =>
    act(
      everywhere
        ? { type: 'bypass', tier, on: true, scope: 'fleet', durationMs }
        : { type: 'bypass', tier, on: true, scope: 'node' },
    )
  return (
    <Panel area="half" title="Emergency" note="reads go around a tier">
      <p className="aside">
        For a tier that is sick or not trusted. Invalidations reach it all the same, so that coming back is safe.
      </p>
      {watched && (
        <div className="row">
          <fieldset className="spans">
            <legend className="unseen">Whose reads</legend>
            {[false, true].map((all) => (
              <label key={String(all)}>
                <input
                  type="radio"
                  name={`${id}-whose`}
                  checked={everywhere === all}
                  onChange={() => setEverywhere(all)}
                />
                <span>{all ? 'Every node' : 'This node'}</span>
              </label>
            ))}
          </fieldset>
          {everywhere && (
            <span>
              for{' '}
              <select
                aria-label="For how long"
                value={durationMs}
                onChange={(event) => setDurationMs(Number(event.target.value))}
              >
                {LENGTHS.map(({ label, ms }) => (
                  <option key={ms} value={ms}>
                    {label}
                  </option>
                ))}
              </select>
            </span>
          )}
        </div>
      )}
      <ul className="switches">
        {(['memory', 'remote'] as const).map((tier) => (
          <Switch
            key={tier}
            tier={tier}
            here={stats.bypassed.includes(tier)}
            everywhere={fleet?.bypasses.find((one) => one.tier === tier)}
            onBegin={() => begin(tier)}
            onEnd={(scope) => act({ type: 'bypass', tier, on: false, scope })}
          />
        ))}
      </ul>
    </Panel>
  )
}

type Tier = 'memory' | 'remote'

function Switch({
  tier,
  here,
  everywhere,
  onBegin,
  onEnd,
}: {
  tier: Tier
  here: boolean
  everywhere: FleetBypass | undefined
  onBegin: () => void
  onEnd: (scope: 'node' | 'fleet') => void
}) {
  const bypassed = here || everywhere !== undefined
  return (
    <li>
      <span>
        The {tier} tier{' '}
        <b data-wrong={bypassed}>
          {bypassed && <span aria-hidden="true">▲ </span>}
          {everywhere !== undefined ? 'is bypassed by every node' : here ? 'is bypassed by this node' : 'is in use'}
        </b>
        {everywhere !== undefined && (
          <span className="detail block">
            ends in {duration(Math.max(0, everywhere.until - Date.now()))} · {everywhere.by}: {everywhere.reason}
          </span>
        )}
      </span>
      {!bypassed && (
        <button type="button" onClick={onBegin}>
          Bypass {tier}…
        </button>
      )}
      {bypassed && (
        <button type="button" onClick={() => onEnd(everywhere === undefined ? 'node' : 'fleet')}>
          Use {tier} again…
        </button>
      )}
    </li>
  )
}

function Clear({ act }: { act: Act }) {
  return (
    <Panel area="half" title="Clear" note="every node, every tier">
      <p className="aside">Everything in the namespace becomes invalid at once. The origin will feel it.</p>
      <p className="form">
        <button type="button" className="danger" onClick={() => act({ type: 'clear' })}>
          Clear everything…
        </button>
      </p>
    </Panel>
  )
}

function Records({ records }: { records: readonly ActionRecord[] }) {
  return (
    <ol className="records">
      {records.toReversed().map((record) => (
        <li key={record.id}>
          <time dateTime={new Date(record.at).toISOString()}>{clockTime(record.at)}</time>
          <span className="what">
            <b>{record.summary}</b> <span className="detail">{record.reason}</span>
            <span className={record.outcome === 'failed' ? 'problem' : 'detail'}>
              {record.outcome === 'failed' ? '▲ Failed: ' : ''}
              {resultOf(record)} ({duration(record.durationMs)})
            </span>
          </span>
          <span className="who">{record.actor}</span>
        </li>
      ))}
    </ol>
  )
}
