import { expect, test } from 'vitest'
import { BadQuery, countParameter, keyParameter, readQuery } from './query.js'

const url = (query: string) => `http://localhost/api?${query}`

test('parameters are read by name', () => {
  expect(readQuery(url('key=a%3Ab&limit=3'), ['key', 'limit'])).toEqual({ key: 'a:b', limit: '3' })
  expect(readQuery('http://localhost/api', [])).toEqual({})
})

test('an unknown or repeated parameter is named in the error', () => {
  expect(() => readQuery(url('kye=1'), ['key'])).toThrow('"kye": unknown parameter; this call takes only key')
  expect(() => readQuery(url('key=1'), [])).toThrow('no parameters')
  expect(() => readQuery(url('key=1&key=2'), ['key'])).toThrow('key: expected once, got 2 times')
})

test('a count is a whole number within its bounds, all of it by default', () => {
  expect(countParameter('limit', undefined, 50)).toBe(50)
  expect(countParameter('limit', '7', 50)).toBe(7)
  for (const bad of ['0', '51', '-1', '1.5', '', 'ten', '1e1', ' 7', '99999999999999999999']) {
    expect(() => countParameter('limit', bad, 50), bad).toThrow(BadQuery)
  }
})

test('a key is neither empty nor endless', () => {
  expect(keyParameter('room:1')).toBe('room:1')
  expect(() => keyParameter(undefined)).toThrow('got nothing')
  expect(() => keyParameter('')).toThrow('got nothing')
  expect(() => keyParameter('x'.repeat(2_000))).toThrow('got 2000')
})
