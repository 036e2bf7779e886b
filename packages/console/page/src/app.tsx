import { useEffect, useRef, useState } from 'react'
import { signOut } from './api.js'
import { type FeedState, feed, type Picture, useFeed } from './feed.js'
import { clockTime, duration } from './format.js'
import { hrefTo, usePlace, VIEWS, type View } from './location.js'
import { Status } from './parts/health.js'
import { chooseTheme, useReducedMotion, useTheme } from './theme.js'
import { Definitions } from './views/definitions.js'
import { Events } from './views/events.js'
import { Keys } from './views/keys.js'
import { Overview } from './views/overview.js'

const TITLES: Record<View, string> = {
  overview: 'Overview',
  definitions: 'Definitions',
  keys: 'Keys',
  events: 'Events',
}
const SPANS = [
  { label: '1 min', ms: 60_000 },
  { label: '5 min', ms: 300_000 },
  { label: '10 min', ms: 600_000 },
] as const

export function App() {
  const state = useFeed()
  const { view, subject } = usePlace()
  const [spanMs, setSpanMs] = useState<number>(300_000)
  const still = useReducedMotion() || state.paused || state.phase !== 'live'
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)

  // Whoever goes to another view is taken to its beginning.
  useEffect(() => {
    document.title = `${TITLES[view]} · Cache console`
    if (!first.current) main.current?.focus()
    first.current = false
  }, [view])

  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the figures
      </button>
      <header className="masthead">
        <p className="wordmark">
          TableForge <span>Cache</span>
        </p>
        <Whereabouts state={state} />
        <nav aria-label="Views">
          {VIEWS.map((one) => (
            <a key={one} href={hrefTo(one)} aria-current={one === view ? 'page' : undefined}>
              {TITLES[one]}
            </a>
          ))}
        </nav>
        <Controls state={state} spanMs={spanMs} onSpan={setSpanMs} />
      </header>
      <Connection state={state} />
      <main ref={main} tabIndex={-1} data-view={view} data-phase={state.phase}>
        <h1 className="unseen">{TITLES[view]}</h1>
        {state.picture === undefined ? (
          <Waiting state={state} />
        ) : (
          <Body view={view} subject={subject} picture={state.picture} spanMs={spanMs} still={still} />
        )}
      </main>
    </>
  )
}

function Body({
  view,
  subject,
  picture,
  spanMs,
  still,
}: {
  view: View
  subject: string | undefined
  picture: Picture
  spanMs: number
  still: boolean
}) {
  if (view === 'definitions') return <Definitions picture={picture} spanMs={spanMs} chosen={subject} />
  if (view === 'keys') return <Keys chosen={subject} recent={recentKeys(picture)} />
  if (view === 'events') return <Events picture={picture} />
  return <Overview picture={picture} spanMs={spanMs} still={still} />
}

function Whereabouts({ state: { session, picture } }: { state: FeedState }) {
  return (
    <p className="whereabouts">
      {session !== undefined && (
        <>
          <b>{session.namespace}</b> on {session.node}
        </>
      )}
      {picture !== undefined && <span className="detail"> · up {duration(picture.stats.uptimeMs)}</span>}
    </p>
  )
}

function Controls({ state, spanMs, onSpan }: { state: FeedState; spanMs: number; onSpan: (ms: number) => void }) {
  const theme = useTheme()
  const { session, paused } = state
  return (
    <div className="controls">
      <fieldset className="spans">
        <legend className="unseen">Time shown</legend>
        {SPANS.map(({ label, ms }) => (
          <label key={ms}>
            <input type="radio" name="span" checked={spanMs === ms} onChange={() => onSpan(ms)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <button type="button" aria-pressed={paused} onClick={() => feed.setPaused(!paused)}>
        {paused ? 'Go on' : 'Pause'}
      </button>
      <button type="button" onClick={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}>
        {theme === 'dark' ? 'Light' : 'Dark'}
      </button>
      {session?.via === 'session' && (
        <button type="button" onClick={() => void signOut(session)}>
          Sign out
        </button>
      )}
    </div>
  )
}

/** How live the picture is. Changes of it are announced; the seconds that pass are not. */
function Connection({ state: { phase, heardAt, paused, picture, problem } }: { state: FeedState }) {
  const stale = phase === 'lost'
  return (
    <div className="connection" data-phase={paused && phase === 'live' ? 'paused' : phase}>
      <p role="status">
        {phase === 'connecting' && (problem === undefined ? 'Connecting…' : `${problem}. Trying again…`)}
        {phase === 'live' && !paused && 'Live'}
        {phase === 'live' && paused && 'Paused: the picture stands still'}
        {stale &&
          `Not live. ${problem ?? 'The stream was lost'}; trying to come back. What you see is of ${clockTime(heardAt)}.`}
      </p>
      {picture?.health && !stale && <Status status={picture.health.status}>{`Cache ${picture.health.status}`}</Status>}
    </div>
  )
}

function Waiting({ state: { problem } }: { state: FeedState }) {
  return (
    <div className="waiting">
      <span className="die" aria-hidden="true" />
      <p>{problem === undefined ? 'Waiting for the first figures' : 'No figures yet. The console goes on trying.'}</p>
    </div>
  )
}

function recentKeys({ invalidations }: Picture): readonly string[] {
  const keys = invalidations.flatMap(({ operations }) =>
    operations.flatMap((operation) => (operation.type === 'key' ? [operation.key] : [])),
  )
  return [...new Set(keys.toReversed())].slice(0, 10)
}
