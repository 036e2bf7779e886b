import { useCallback, useEffect, useState } from 'react'
import type { SessionInfo } from '../../src/protocol.js'
import { usePlace } from './navigation.js'
import { call, complaintOf } from './server/call.js'
import { SignedIn } from './session/SignedIn.js'
import { Welcome } from './session/Welcome.js'
import { Mark } from './ui/Mark.js'
import { Nowhere } from './ui/Nowhere.js'

type Visit =
  | { readonly state: 'asking' }
  | { readonly state: 'unreachable'; readonly complaint: string }
  | { readonly state: 'out'; readonly notice?: string }
  | { readonly state: 'in'; readonly session: SessionInfo }

/** Who is here: nobody yet, or somebody with a session. An address that leads nowhere needs neither. */
export function App() {
  const place = usePlace()
  const [visit, setVisit] = useState<Visit>({ state: 'asking' })
  const ask = useCallback((notice?: string) => {
    call('session.get', {})
      .then(({ session }) =>
        setVisit(
          session === null ? { state: 'out', ...(notice === undefined ? {} : { notice }) } : { state: 'in', session },
        ),
      )
      .catch((error: unknown) => setVisit({ state: 'unreachable', complaint: complaintOf(error) }))
  }, [])
  useEffect(() => ask(), [ask])

  if (place === undefined) return <Nowhere />
  switch (visit.state) {
    case 'asking':
      return (
        <main className="waiting" aria-busy="true">
          <Mark size={56} />
          <p>Setting the table…</p>
        </main>
      )
    case 'unreachable':
      return (
        <main className="waiting">
          <Mark size={56} />
          <p role="alert">{visit.complaint}</p>
          <button type="button" className="button" onClick={() => ask()}>
            Try again
          </button>
        </main>
      )
    case 'out':
      return <Welcome notice={visit.notice} onSignIn={(session) => setVisit({ state: 'in', session })} />
    case 'in':
      return (
        <SignedIn
          key={visit.session.user.id}
          place={place}
          session={visit.session}
          onSession={(session) => setVisit({ state: 'in', session })}
          onEnded={ask}
        />
      )
  }
}
