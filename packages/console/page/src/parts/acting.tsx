import { createContext, type ReactNode, useContext, useState } from 'react'
import type { Action, SessionInfo } from '../../../src/wire.js'
import { ActionDialog } from './action-dialog.js'

interface Acting {
  readonly session: SessionInfo | undefined
  /** Shows what the action would do and asks for it; `undefined` for those who may only look. */
  readonly act: ((action: Action, done?: () => void) => void) | undefined
}

const ActingContext = createContext<Acting>({ session: undefined, act: undefined })

export function useActing(): Acting {
  return useContext(ActingContext)
}

/** Gives every part of the page the way to act, and holds the one dialog in which actions are asked for again. */
export function ActingProvider({ session, children }: { session: SessionInfo | undefined; children: ReactNode }) {
  const [asked, setAsked] = useState<{ action: Action; done: (() => void) | undefined } | undefined>()
  const act =
    session?.role === 'operator' ? (action: Action, done?: () => void) => setAsked({ action, done }) : undefined
  const close = () => {
    setAsked(undefined)
    asked?.done?.()
  }
  return (
    <ActingContext value={{ session, act }}>
      {children}
      {asked !== undefined && session !== undefined && (
        <ActionDialog session={session} action={asked.action} onClose={close} />
      )}
    </ActingContext>
  )
}
