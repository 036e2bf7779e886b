import { expect, test } from 'vitest'
import { placeIn } from '../page/src/location.js'

test.each([
  ['', 'overview', undefined, ''],
  ['#nowhere', 'overview', undefined, ''],
  ['#overview?time=2h&of=fleet', 'overview', undefined, 'time=2h&of=fleet'],
  ['#definitions/room%3Fstate?time=7d', 'definitions', 'room?state', 'time=7d'],
  ['#invalidations?search=who+else', 'invalidations', undefined, 'search=who+else'],
  ['#keys/query%3A%2Fa', 'keys', 'query:/a', ''],
  ['#keys/query:?a=1', 'keys', 'query:?a=1', ''],
  ['#keys/100%', 'keys', '100%', ''],
])('the address %s', (hash, view, subject, noted) => {
  const place = placeIn(hash)
  expect([place.view, place.subject, String(place.noted)]).toEqual([view, subject, noted])
})
