import { expect, it } from 'vitest'
import { addressOf, LOBBY, placeOf } from '../src/places.js'

it.each([
  ['/', LOBBY],
  ['/rooms/the-sunken-keep', { name: 'table', slug: 'the-sunken-keep' }],
  ['/rooms/the-sunken-keep/', { name: 'table', slug: 'the-sunken-keep' }],
  ['/rooms/caf%C3%A9', { name: 'table', slug: 'café' }],
  ['/nope', undefined],
  ['/rooms', undefined],
  ['/rooms/a/b', undefined],
])('%s is %j', (pathname, place) => {
  expect(placeOf(pathname)).toEqual(place)
})

it.each(['/rooms/100%', '/rooms/%E0%A4%A'])(
  '%s, which is no valid encoding, is a table that nobody has set',
  (path) => {
    expect(placeOf(path)).toEqual({ name: 'table', slug: path.slice('/rooms/'.length) })
  },
)

it.each([LOBBY, { name: 'table', slug: 'a/b 100%' }] as const)('leads to %j and back', (place) => {
  expect(placeOf(addressOf(place))).toEqual(place)
})
