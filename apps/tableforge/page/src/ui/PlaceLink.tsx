import type { ComponentProps, MouseEvent } from 'react'
import { addressOf, type Place } from '../../../src/places.js'
import { go } from '../navigation.js'

/** A link to a place of this page, followed without loading the page anew. */
export function PlaceLink({ to, ...rest }: { to: Place } & Omit<ComponentProps<'a'>, 'href' | 'onClick'>) {
  const follow = (event: MouseEvent) => {
    // Whoever asks for a new tab or window gets one.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
  return <a {...rest} href={addressOf(to)} onClick={follow} />
}
