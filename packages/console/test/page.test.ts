import { DURATION_BOUNDS_MS } from '@tableforge/cache'
import { expect, test } from 'vitest'
import { DURATION_BOUNDS_MS as ofThePage } from '../page/src/duration-bounds.js'

test('the page draws durations by the bounds that the library counts them by', () => {
  expect(ofThePage).toEqual(DURATION_BOUNDS_MS)
})
