import type { KeyTraceEvent, TierInspection } from '@tableforge/cache'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { bytes, clockTime, duration } from '../../../src/format.js'
import type { WireAudit, WireInspection } from '../../../src/wire.js'
import { inspectKey } from '../api.js'
import { hrefTo } from '../location.js'
import { useActing } from '../parts/acting.js'
import { AuditList } from '../parts/audit.js'
import { Nothing, Panel } from '../parts/panel.js'
import { usePolled } from '../polled.js'

/** Of what happened to a key, the latest. */
const SHOWN_RUNS = 20

type Answer =
  | { readonly state: 'asking' }
  | { readonly state: 'found'; readonly inspection: WireInspection }
  | { readonly state: 'failed'; readonly message: string }

/** One key in every tier, and what happened to it lately. */
export function Keys({ chosen, recent }: { chosen: string | undefined; recent: readonly string[] }) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [answer, setAnswer] = useState<Answer | undefined>()
  const [round, setRound] = useState(0)

  useEffect(() => {
    if (input.current !== null) input.current.value = chosen ?? ''
    if (chosen === undefined) return setAnswer(undefined)
    const abort = new AbortController()
    if (round === 0) setAnswer({ state: 'asking' })
    inspectKey(chosen, abort.signal).then(
      (inspection) => setAnswer({ state: 'found', inspection }),
      (error: unknown) => {
        if (!abort.signal.aborted)
          setAnswer({ state: 'failed', message: error instanceof Error ? error.message : String(error) })
      },
    )
    return () => abort.abort()
  }, [chosen, round])

  const look = (event: FormEvent) => {
    event.preventDefault()
    const key = input.current?.value.trim() ?? ''
    if (key === '') return
    if (key === chosen) setRound((before) => before + 1)
    else location.hash = hrefTo('keys', key)
  }

  return (
    <Panel area="wide" title="Look a key up" note="in every tier, as this node sees it">
      <form className="lookup" onSubmit={look}>
        <label htmlFor={id}>Key</label>
        <input
          id={id}
          ref={input}
          type="text"
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          maxLength={1024}
          placeholder="room:state:r1"
        />
        <button type="submit">Inspect</button>
      </form>
      <div aria-live="polite">
        {answer === undefined && <Nothing>The whole key: its definition, a colon, and the rest.</Nothing>}
        {answer?.state === 'asking' && <Nothing>Asking…</Nothing>}
        {answer?.state === 'failed' && <p className="problem">▲ {answer.message}</p>}
        {answer?.state === 'found' && (
          <Inspection inspection={answer.inspection} onChange={() => setRound((before) => before + 1)} />
        )}
      </div>
      {answer === undefined && recent.length > 0 && (
        <>
          <h3 className="suggested" id={`${id}-lately`}>
            Invalidated lately
          </h3>
          <ul className="suggestions" aria-labelledby={`${id}-lately`}>
            {recent.map((key) => (
              <li key={key}>
                <a href={hrefTo('keys', key)}>{key}</a>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  )
}

function Inspection({
  inspection: { key, memory, remote, remoteUnknown, trace },
  onChange,
}: {
  inspection: WireInspection
  onChange: () => void
}) {
  const { act } = useActing()
  const { data } = usePolled<{ records: WireAudit[] }>(`audit?key=${encodeURIComponent(key)}&limit=10`, 5_000)
  return (
    <div className="inspection">
      <div className="inspected-head">
        <h3 className="inspected">{key}</h3>
        {act !== undefined && (
          <button type="button" onClick={() => act({ type: 'invalidate', target: { key }, mode: 'delete' }, onChange)}>
            Invalidate…
          </button>
        )}
      </div>
      <Tier name="Memory" colour="memory" tier={memory} />
      <Tier name="Remote" colour="remote" tier={remote} unknown={remoteUnknown} />
      <section className="trace" aria-label="What happened to it">
        <h4>What happened to it</h4>
        {trace.length === 0 ? (
          <Nothing>Nothing is known. The cache remembers only what was touched lately.</Nothing>
        ) : (
          <ol>
            {runsOf(trace)
              .slice(0, SHOWN_RUNS)
              .map(({ event, count }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a trace is shown once and replaced whole.
                <li key={index}>
                  <time dateTime={new Date(event.at).toISOString()}>{clockTime(event.at)}</time> <b>{event.what}</b>{' '}
                  {event.detail} {count > 1 && <span className="times">{count}×</span>}
                </li>
              ))}
          </ol>
        )}
      </section>
      {data !== undefined && data.records.length > 0 && (
        <section className="causes" aria-label="Who invalidated it, and why">
          <h4>Who invalidated it, and why</h4>
          <AuditList records={data.records} now={0} />
        </section>
      )}
    </div>
  )
}

/** Newest first; the same thing several times in a row is told once, with the time of the last. */
function runsOf(trace: readonly KeyTraceEvent[]): readonly { readonly event: KeyTraceEvent; readonly count: number }[] {
  const runs: { event: KeyTraceEvent; count: number }[] = []
  for (const event of trace.toReversed()) {
    const run = runs.at(-1)
    if (run !== undefined && run.event.what === event.what && run.event.detail === event.detail) run.count += 1
    else runs.push({ event, count: 1 })
  }
  return runs
}

/** `unknown` says why it is not known whether the tier has the key. */
function Tier({
  name,
  colour,
  tier,
  unknown,
}: {
  name: string
  colour: string
  tier: TierInspection | undefined
  unknown?: string | undefined
}) {
  return (
    <section className="tier" data-colour={colour} aria-label={name}>
      <h4>
        {name} {tier !== undefined && <span data-state={tier.state}>{tier.state}</span>}
      </h4>
      {tier === undefined ? (
        <Nothing>{unknown === undefined ? 'Not there' : `Not known: ${unknown}`}</Nothing>
      ) : (
        <>
          <Life tier={tier} />
          <dl className="facts">
            <div>
              <dt>Size</dt>
              <dd>{bytes(tier.bytes)}</dd>
            </div>
            <div>
              <dt>Loaded as of</dt>
              <dd>
                #{tier.asOf} <span className="detail">epoch {tier.epoch}</span>
              </dd>
            </div>
          </dl>
          <ul className="tags" aria-label="Tags">
            {tier.tags.map((tag) => (
              <li key={tag}>{tag}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

/** How much of its life is behind it. JSON has no Infinity: an entry that never ends has `null` left. */
function Life({ tier: { ageMs, remainingTtlMs } }: { tier: TierInspection }) {
  const left = remainingTtlMs as number | null
  const share = left === null ? 0 : left <= 0 ? 1 : ageMs / (ageMs + left)
  return (
    <div className="life">
      <span className="track" aria-hidden="true">
        <i style={{ width: `${share * 100}%` }} />
      </span>
      <span>
        {duration(Math.max(0, ageMs))} old,{' '}
        {left === null ? 'never ends' : left <= 0 ? 'past its ttl' : `fresh for ${duration(left)} more`}
      </span>
    </div>
  )
}
