import { useCallback, useEffect, useRef, useState } from 'react'
import { complaintOf } from './call.js'

export interface Loaded<T> {
  /** Keeps its last value while a newer one is loading. */
  readonly value: T | undefined
  readonly complaint: string | undefined
  readonly reload: () => void
}

/** Nothing has come yet, neither a value nor a complaint. */
export const isLoading = ({ value, complaint }: Loaded<unknown>): boolean =>
  value === undefined && complaint === undefined

/** What the server answers, loaded when the component appears, when `key` changes, and on `reload()`. */
export function useLoaded<T>(load: () => Promise<T>, key = ''): Loaded<T> {
  const [state, setState] = useState<{ value?: T; complaint?: string; key: string }>({ key })
  const latest = useRef(load)
  latest.current = load
  const turn = useRef(0)
  const reload = useCallback(() => {
    // Of several answers under way, the one asked for last counts.
    const mine = ++turn.current
    latest
      .current()
      .then((value) => mine === turn.current && setState({ value, key }))
      .catch((error: unknown) => {
        if (mine === turn.current) setState((before) => ({ ...before, complaint: complaintOf(error), key }))
      })
  }, [key])
  useEffect(() => {
    reload()
    return () => {
      turn.current++
    }
  }, [reload])
  return { value: state.value, complaint: state.complaint, reload }
}
