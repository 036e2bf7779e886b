/** A place in the web page that has an address. A table's can be handed to a friend. */
export type Place = { readonly name: 'lobby' } | { readonly name: 'table'; readonly slug: string }

export const LOBBY: Place = { name: 'lobby' }

/** `undefined` for an address that leads nowhere. */
export function placeOf(pathname: string): Place | undefined {
  if (pathname === '/') return LOBBY
  const slug = /^\/rooms\/([^/]+)\/?$/.exec(pathname)?.[1]
  return slug === undefined ? undefined : { name: 'table', slug: decoded(slug) }
}

export const addressOf = (place: Place): string =>
  place.name === 'lobby' ? '/' : `/rooms/${encodeURIComponent(place.slug)}`

/** As it stands when it is no valid encoding: a slug that no table has. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
