import { expect, it } from 'vitest'
import { hashOf } from '../hash.js'
import { memoryEntry } from '../testing/memory-entry.js'
import { EntrySlots } from './entry-slots.js'

it('uses every slot that was freed before it uses a new one', () => {
  const slots = new EntrySlots(100, () => undefined)
  const put = (key: string) => slots.occupy(key, hashOf(key), memoryEntry(key), 1)
  const first = ['a', 'b', 'c', 'd'].map(put)
  for (const key of ['a', 'c', 'd']) slots.vacate(slots.find(key))
  const second = ['e', 'f', 'g'].map(put)
  expect(second.toSorted()).toEqual([first[0], first[2], first[3]])
  expect(slots.end).toBe(4)
  expect(put('h')).toBe(4)
  expect(['b', 'e', 'f', 'g', 'h'].map((key) => slots.entryOf(slots.find(key))?.value)).toEqual([
    'b',
    'e',
    'f',
    'g',
    'h',
  ])
  expect([slots.size, slots.bytes]).toEqual([5, 5])
})
