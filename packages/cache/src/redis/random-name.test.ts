import { expect, it } from 'vitest'
import { randomName } from './random-name.js'

it('gives names that are 16 characters of base64url each, none of them twice', () => {
  const names = Array.from({ length: 1_000 }, randomName)
  expect(names.filter((name) => !/^[\w-]{16}$/.test(name))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
})
