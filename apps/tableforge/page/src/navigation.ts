import { useSyncExternalStore } from 'react'

/** Where in the page one is. A table's address can be handed to a friend. */
export type Place = { readonly name: 'lobby' } | { readonly name: 'table'; readonly slug: string }

export const LOBBY: Place = { name: 'lobby' }

export function placeOf(pathname: string): Place {
  const slug = /^\/rooms\/([^/]+)\/?$/.exec(pathname)?.[1]
  return slug === undefined ? LOBBY : { name: 'table', slug: decodeURIComponent(slug) }
}

export const addressOf = (place: Place): string =>
  place.name === 'lobby' ? '/' : `/rooms/${encodeURIComponent(place.slug)}`

const NAVIGATED = 'tableforge:navigated'

export function go(place: Place): void {
  window.history.pushState(null, '', addressOf(place))
  window.dispatchEvent(new Event(NAVIGATED))
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed)
  window.addEventListener(NAVIGATED, changed)
  return () => {
    window.removeEventListener('popstate', changed)
    window.removeEventListener(NAVIGATED, changed)
  }
}

export const usePlace = (): Place => placeOf(useSyncExternalStore(subscribe, () => window.location.pathname))
