import { EVENING_HABITS } from '@tableforge/cache/simulator'
import { expect, test } from 'vitest'
import { HABITS } from '../src/bots/habits.js'

test('the simulator models the habits that the simulated players have', () => {
  const facts = (habits: readonly { name: string; weight: number; who?: 'gm' | 'player' }[]) =>
    habits.map(({ name, weight, who }) => ({ name, weight, who }))
  expect(facts(EVENING_HABITS)).toEqual(facts(HABITS))
})
