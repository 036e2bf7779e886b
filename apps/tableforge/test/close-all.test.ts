import { expect, it } from 'vitest'
import { closeAll } from '../src/close-all.js'

it('what was opened last is closed first, and one step is over before the next', async () => {
  const order: string[] = []
  const step = (name: string) => async () => {
    order.push(`${name} begins`)
    await Promise.resolve()
    order.push(`${name} ends`)
  }
  await closeAll([step('database'), step('cache')])
  expect(order).toEqual(['cache begins', 'cache ends', 'database begins', 'database ends'])
})

it('a step that fails keeps none of the others from being taken, and the first failure is told at the end', async () => {
  const taken: string[] = []
  const failing = (name: string) => () => {
    taken.push(name)
    throw new Error(`${name} failed`)
  }
  const closing = closeAll([failing('database'), () => taken.push('cache'), failing('console'), () => taken.push('io')])
  await expect(closing).rejects.toThrow('console failed')
  expect(taken).toEqual(['io', 'console', 'cache', 'database'])
})
