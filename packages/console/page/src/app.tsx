import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { clockTime, duration } from '../../src/format.js'
import { signOut } from './api.js'
import { type FeedState, feed, type Picture, useFeed } from './feed.js'
import { hrefTo, usePlace, VIEWS, type View } from './location.js'
import { ActingProvider } from './parts/acting.js'
import { Status } from './parts/health.js'
import { isTimed, TimingControls, useTiming } from './parts/timing.js'
import { periodsOf } from './periods.js'
import { type ScopedPicture, useScoped } from './scope.js'
import { chooseTheme, useReducedMotion, useTheme } from './theme.js'
import { Actions } from './views/actions.js'
import { Alerts } from './views/alerts.js'
import { Definitions } from './views/definitions.js'
import { Invalidations } from './views/invalidations.js'
import { Keys } from './views/keys.js'
import { Nodes } from './views/nodes.js'
import { Overview } from './views/overview.js'
import type { Scope } from './whose.js'

const TITLES: Record<View, string> = {
  overview: 'Overview',
  definitions: 'Definitions',
  keys: 'Keys',
  invalidations: 'Invalidations',
  alerts: 'Alerts',
  nodes: 'Nodes',
  actions: 'Actions',
}
export function App() {
  const state = useFeed()
  const { view, subject } = usePlace()
  const watched = state.session?.watched === true
  const timing = useTiming(watched)
  const { spanMs, scope } = timing
  const scoped = useScoped(state.picture, scope, spanMs)
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
    <ActingProvider session={state.session}>
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
        <Controls state={state}>
          {isTimed(view) && <TimingControls timing={timing} watched={watched} self={state.session?.node} />}
        </Controls>
      </header>
      <Connection state={state} />
      <main ref={main} tabIndex={-1} data-view={view} data-phase={state.phase}>
        <h1 className="unseen">{TITLES[view]}</h1>
        {scoped === undefined ? (
          <Waiting state={state} />
        ) : (
          <Body
            view={view}
            subject={subject}
            own={state.picture ?? scoped.picture}
            scoped={scoped}
            spanMs={spanMs}
            scope={scope}
            still={still}
            watched={watched}
          />
        )}
      </main>
    </ActingProvider>
  )
}

function Body({
  view,
  subject,
  own,
  scoped: { picture, quantiles, live, problem },
  spanMs,
  scope,
  still,
  watched,
}: {
  view: View
  subject: string | undefined
  /** Of this node; only the Overview and the Definitions show others. */
  own: Picture
  scoped: ScopedPicture
  spanMs: number
  scope: Scope
  still: boolean
  watched: boolean
}) {
  const periods = useMemo(() => periodsOf(picture.history, live), [picture.history, live])
  switch (view) {
    case 'definitions':
      return (
        <Definitions
          picture={picture}
          periods={periods}
          spanMs={spanMs}
          chosen={subject}
          watched={watched}
          scope={scope}
        />
      )
    case 'keys':
      return <Keys chosen={subject} recent={recentKeys(own)} />
    case 'invalidations':
      return <Invalidations picture={own} />
    case 'alerts':
      return <Alerts picture={own} watched={watched} />
    case 'nodes':
      return <Nodes picture={own} watched={watched} />
    case 'actions':
      return <Actions picture={own} />
    case 'overview':
      return (
        <>
          {problem !== undefined && <p className="notice-line">▲ {problem}</p>}
          {picture.stats.bypassed.length > 0 && (
            <p className="notice-line">
              ▲ Reads of this node go around the {picture.stats.bypassed.join(' and the ')} tier: an operator said so.{' '}
              <a href={hrefTo('actions')}>Actions</a>
            </p>
          )}
          <Overview
            picture={picture}
            quantiles={quantiles}
            periods={periods}
            spanMs={spanMs}
            still={still}
            scope={scope}
            watched={watched}
          />
        </>
      )
  }
}

function Whereabouts({ state: { session, picture } }: { state: FeedState }) {
  return (
    <p className="whereabouts" title={session === undefined ? undefined : `${session.namespace} on ${session.node}`}>
      {session !== undefined && (
        <>
          <b>{session.namespace}</b> on {session.node}
        </>
      )}
      <span className="detail">
        {picture !== undefined && ` · up ${duration(picture.stats.uptimeMs)}`}
        {session !== undefined && session.via !== 'loopback' && ` · ${whoIs(session)}`}
      </span>
    </p>
  )
}

/** Tokens without a name are called by their role. */
function whoIs({ name, role }: { name: string; role: string }): string {
  return name === role ? role : `${name}, ${role}`
}

function Controls({ state, children }: { state: FeedState; children: ReactNode }) {
  const theme = useTheme()
  const { session, paused } = state
  return (
    <div className="controls">
      {children}
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
