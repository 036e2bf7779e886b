import type { FleetNode } from '@tableforge/cache'
import { expect, test } from 'vitest'
import { lagOf } from '../page/src/log-lag.js'

const told = (node: string, at: number, applied: number, epoch = 'e1') =>
  ({ node, at, log: { epoch, applied } }) as FleetNode
/** This process, once a second. */
const OWN = { at: [1_000, 2_000, 3_000, 4_000], applied: [10, 20, 30, 40] }

test('a node is compared with what was known when it told of itself', () => {
  const here = told('here', 4_000, 40)
  expect(lagOf(told('there', 2_100, 20), [here], OWN)).toBe(0)
  expect(lagOf(told('there', 2_100, 13), [here], OWN)).toBe(7)
})

test('it is never ahead by a negative lag, and other nodes count as far as they had told by then', () => {
  const nodes = [told('here', 4_000, 40), told('early', 1_900, 33), told('late', 3_900, 50)]
  expect(lagOf(told('there', 2_100, 25), nodes, OWN)).toBe(8)
  expect(lagOf(told('there', 2_100, 99), nodes, OWN)).toBe(0)
  expect(lagOf(told('here', 4_000, 40), nodes, OWN), 'this node may be the one that is behind').toBe(10)
})

test('positions of another epoch, and of a time of which nothing is known, are no measure', () => {
  expect(lagOf(told('there', 500, 1), [told('other', 400, 900, 'e0')], OWN)).toBeUndefined()
})
