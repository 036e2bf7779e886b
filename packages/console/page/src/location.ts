import { useMemo, useSyncExternalStore } from 'react'

export const VIEWS = ['overview', 'definitions', 'keys', 'invalidations', 'alerts', 'nodes', 'actions'] as const
export type View = (typeof VIEWS)[number]

/**
 * Where in the console one is: a view, and what it is looking at. Lives in the fragment, so that it can be linked to.
 */
export interface Place {
  readonly view: View
  readonly subject: string | undefined
  /** What else is said of what is shown there, such as a search. */
  readonly noted: URLSearchParams
}

export function hrefTo(view: View, subject?: string): string {
  return subject === undefined ? `#${view}` : `#${view}/${encodeURIComponent(subject)}`
}

/**
 * Says in the address what is shown, in place of what it said; an empty text says nothing. Leaves no step to go back
 * to.
 */
export function noteInAddress(values: Readonly<Record<string, string>>): void {
  const { view, subject, noted } = placeIn(location.hash)
  for (const [name, value] of Object.entries(values)) {
    if (value === '') noted.delete(name)
    else noted.set(name, value)
  }
  const query = noted.size === 0 ? '' : `?${noted}`
  const address = hrefTo(view, subject) + query
  if (address === location.hash) return
  history.replaceState(history.state, '', address)
  // The browser tells of no change that the page itself made.
  dispatchEvent(new HashChangeEvent('hashchange'))
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(onHashChange, () => location.hash)
  return useMemo(() => placeIn(hash), [hash])
}

export function placeIn(hash: string): Place {
  const [, name = '', rest = ''] = /^#([^/?]*)(.*)$/s.exec(hash) ?? []
  const view = VIEWS.find((one) => one === name) ?? 'overview'
  // A key that is typed by hand may hold a question mark.
  const [, subject = '', query = ''] = (view === 'keys' ? /^\/(.*)$/s : /^(?:\/([^?]*))?(?:\?(.*))?$/s).exec(rest) ?? []
  return { view, subject: subject === '' ? undefined : decoded(subject), noted: new URLSearchParams(query) }
}

function onHashChange(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A fragment typed by hand may be no encoding at all: then it is meant as it stands.
    return text
  }
}
