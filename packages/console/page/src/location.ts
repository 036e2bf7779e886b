import { useSyncExternalStore } from 'react'

export const VIEWS = ['overview', 'definitions', 'keys', 'invalidations', 'alerts', 'nodes', 'actions'] as const
export type View = (typeof VIEWS)[number]

/**
 * Where in the console one is: a view, and what it is looking at. Lives in the fragment, so that it can be linked to.
 */
export interface Place {
  readonly view: View
  readonly subject: string | undefined
}

export function hrefTo(view: View, subject?: string): string {
  return subject === undefined ? `#${view}` : `#${view}/${encodeURIComponent(subject)}`
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(onHashChange, () => location.hash)
  const [, name = '', subject] = /^#([^/]*)(?:\/(.*))?$/.exec(hash) ?? []
  const view = VIEWS.find((one) => one === name) ?? 'overview'
  return { view, subject: subject === undefined || subject === '' ? undefined : decoded(subject) }
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
