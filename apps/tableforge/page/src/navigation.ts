import { useSyncExternalStore } from 'react'
import { addressOf, type Place, placeOf } from '../../src/places.js'

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

/** The place that the address of the window names, if it names one. */
export const usePlace = (): Place | undefined =>
  placeOf(useSyncExternalStore(subscribe, () => window.location.pathname))
