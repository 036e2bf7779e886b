import { expect, test } from 'vitest'
import { FailedAttempts } from './attempts.js'

test('after too many failures an address is refused until its window ends, and others are not', () => {
  const attempts = new FailedAttempts(3, 1_000)
  for (let time = 0; time < 3; time += 1) {
    expect(attempts.blockedFor('10.0.0.1', time)).toBe(0)
    attempts.failed('10.0.0.1', time)
  }
  expect(attempts.blockedFor('10.0.0.1', 400)).toBe(600)
  expect(attempts.blockedFor('10.0.0.2', 400)).toBe(0)
  expect(attempts.blockedFor('10.0.0.1', 1_000)).toBe(0)
})

test('an IPv6 customer is one address, however many it sends from', () => {
  const attempts = new FailedAttempts(2, 1_000)
  attempts.failed('2001:db8:1:2::1', 0)
  attempts.failed('2001:0db8:1:2:ffff::99', 0)
  expect(attempts.blockedFor('2001:DB8:1:2:3:4:5:6', 1)).toBeGreaterThan(0)
  expect(attempts.blockedFor('2001:db8:1:3::1', 1)).toBe(0)
})

test('an address mapped into IPv6 is the same address, and unknown ones share a count', () => {
  const attempts = new FailedAttempts(1, 1_000)
  attempts.failed('::ffff:10.0.0.1', 0)
  attempts.failed(undefined, 0)
  expect(attempts.blockedFor('10.0.0.1', 1)).toBeGreaterThan(0)
  expect(attempts.blockedFor(undefined, 1)).toBeGreaterThan(0)
})

test('the table is bounded: the longest known address makes room', () => {
  const attempts = new FailedAttempts(1, 1_000, 2)
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) attempts.failed(address, 0)
  expect(['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((one) => attempts.blockedFor(one, 1) > 0)).toEqual([
    false,
    true,
    true,
  ])
})
