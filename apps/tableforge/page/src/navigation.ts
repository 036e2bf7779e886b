import { useSyncExternalStore } from 'react'

/** Where in the page one is. The table's address can be handed to a friend. */
export type Place = { readonly name: 'lobby' } | { readonly name: 'table'; readonly slug: string }

/** Kept in the fragment, so that the server needs to know one address only. */
export function placeOf(hash: string): Place {
  const slug = /^#\/table\/([^/]+)$/.exec(hash)?.[1]
  return slug === undefined ? { name: 'lobby' } : { name: 'table', slug: decodeURIComponent(slug) }
}

export const addressOf = (place: Place): string =>
  place.name === 'lobby' ? '#/' : `#/table/${encodeURIComponent(place.slug)}`

export function go(place: Place): void {
  window.location.hash = addressOf(place)
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export const usePlace = (): Place => placeOf(useSyncExternalStore(subscribe, () => window.location.hash))
