import { useEffect, useState } from 'react'
import { ApiError, get } from './api.js'

export interface Polled<T> {
  readonly data: T | undefined
  /** Why the last attempt failed; what came before it is kept. */
  readonly problem: string | undefined
  /** Asks again now. */
  readonly refresh: () => void
}

/**
 * What the API answers below a path, asked again every so often while the page is looked at; nothing without a path.
 */
export function usePolled<T>(path: string | undefined, everyMs: number): Polled<T> {
  const [answer, setAnswer] = useState<{ path: string; data: T } | undefined>()
  const [problem, setProblem] = useState<string | undefined>()
  const [round, setRound] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is how a refresh asks again.
  useEffect(() => {
    if (path === undefined) return
    const abort = new AbortController()
    const ask = () => {
      if (document.hidden) return
      get<T>(path, abort.signal).then(
        (data) => {
          setAnswer({ path, data })
          setProblem(undefined)
        },
        (error: unknown) => {
          if (!abort.signal.aborted)
            setProblem(error instanceof ApiError ? error.message : 'The console did not answer')
        },
      )
    }
    ask()
    const timer = setInterval(ask, everyMs)
    return () => {
      abort.abort()
      clearInterval(timer)
    }
  }, [path, everyMs, round])

  const data = answer !== undefined && answer.path === path ? answer.data : undefined
  return { data, problem, refresh: () => setRound((before) => before + 1) }
}
