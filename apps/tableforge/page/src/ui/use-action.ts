import { useCallback, useState } from 'react'
import { complaintOf } from '../server/call.js'

export interface Action {
  readonly busy: boolean
  readonly complaint: string | undefined
  /** Runs the work; resolves to whether it succeeded, and keeps the complaint when it did not. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
}

/** One thing that a person asked for: whether it is under way, and why it failed. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false)
  const [complaint, setComplaint] = useState<string>()
  const run = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true)
    setComplaint(undefined)
    try {
      await work()
      return true
    } catch (error) {
      setComplaint(complaintOf(error))
      return false
    } finally {
      setBusy(false)
    }
  }, [])
  return { busy, complaint, run }
}
