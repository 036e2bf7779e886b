import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InvalidationMode, Operation } from './ports.js'
import { RecoveryQueue } from './recovery-queue.js'

const key = (name: string, mode: InvalidationMode = 'delete'): Operation => ({ type: 'key', key: name, mode })
const tag = (name: string, mode: InvalidationMode = 'delete'): Operation => ({ type: 'tag', tag: name, mode })
const pattern = (source: string, flags = '', syntax: 'glob' | 'regex' = 'regex'): Operation => ({
  type: 'pattern',
  syntax,
  source,
  flags,
  mode: 'delete',
})
const all = (queue: RecoveryQueue) => queue.peek(Number.POSITIVE_INFINITY)

describe('the recovery queue', () => {
  it('keeps the last of each thing, in the order in which the things came first', () => {
    const queue = new RecoveryQueue(10)
    queue.add([key('a', 'expire'), tag('a'), key('b')])
    queue.add([key('a')])
    expect(all(queue)).toEqual([key('a'), tag('a'), key('b')])
  })

  it('turns a write of unknown fate into a deletion', () => {
    const queue = new RecoveryQueue(10)
    queue.add([{ type: 'set', key: 'a' }])
    expect(all(queue)).toEqual([key('a')])
  })

  it('never lets a soft invalidation weaken a hard one that waits', () => {
    const queue = new RecoveryQueue(10)
    queue.add([key('a'), key('a', 'expire'), tag('t'), tag('t', 'expire')])
    expect(all(queue)).toEqual([key('a'), tag('t')])
  })

  it('keeps apart a key, a tag and patterns of the same name, and patterns of different flags or syntax', () => {
    const queue = new RecoveryQueue(10)
    const different = [key('a'), tag('a'), pattern('a'), pattern('a', 'i'), pattern('a', '', 'glob'), key('tag a')]
    queue.add(different)
    expect(all(queue)).toEqual(different)
  })

  it('becomes a single clear beyond its bound, which covers all that it held', () => {
    const queue = new RecoveryQueue(2)
    queue.add([key('a'), key('b')])
    expect(queue.size).toBe(2)
    queue.add([key('c')])
    expect(all(queue)).toEqual([{ type: 'clear' }])
    queue.add([key('d')])
    expect(all(queue)).toEqual([{ type: 'clear' }])
  })

  it('hands out the first so many and keeps them until they are known to be sent', () => {
    const queue = new RecoveryQueue(10)
    queue.add([key('a'), key('b'), key('c')])
    const sent = queue.peek(2)
    expect(sent).toEqual([key('a'), key('b')])
    expect(queue.size).toBe(3)
    queue.remove(sent)
    expect(all(queue)).toEqual([key('c')])
  })

  it('keeps what was added again while the earlier one was being sent', () => {
    const queue = new RecoveryQueue(10)
    queue.add([key('a', 'expire')])
    const sent = queue.peek(1)
    queue.add([key('a')])
    queue.remove(sent)
    expect(all(queue)).toEqual([key('a')])
  })

  it('keeps a deletion of the same thing that was added while an equal one was being sent', () => {
    const queue = new RecoveryQueue(10)
    queue.add([key('a')])
    const sent = queue.peek(1)
    queue.add([key('a')])
    queue.remove(sent)
    expect(queue.size).toBe(1)
  })

  it('keeps a soft invalidation that was added while a hard one was being sent', () => {
    const queue = new RecoveryQueue(10)
    queue.add([key('a')])
    const sent = queue.peek(1)
    queue.add([key('a', 'expire')])
    queue.remove(sent)
    expect(queue.size).toBe(1)
  })

  it('keeps a clear that took the place of what was being sent', () => {
    const queue = new RecoveryQueue(1)
    queue.add([key('a')])
    const sent = queue.peek(1)
    queue.add([key('b')])
    queue.remove(sent)
    expect(all(queue)).toEqual([{ type: 'clear' }])
  })

  it('covers everything that was ever added, as strongly as it was added, within its bound', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const mode = fc.constantFrom<InvalidationMode>('delete', 'expire')
    const operation = fc.oneof(
      { weight: 5, arbitrary: fc.tuple(name, mode).map(([one, how]) => key(one, how)) },
      { weight: 5, arbitrary: fc.tuple(name, mode).map(([one, how]) => tag(one, how)) },
      { weight: 2, arbitrary: name.map((one): Operation => ({ type: 'set', key: one })) },
      { weight: 2, arbitrary: name.map((one) => pattern(one)) },
      { weight: 1, arbitrary: fc.constant<Operation>({ type: 'clear' }) },
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (operations, limit) => {
        const queue = new RecoveryQueue(limit)
        for (const one of operations) queue.add([one])
        const waiting = all(queue)
        expect(queue.size).toBeLessThanOrEqual(limit)
        for (const one of operations) expect(waiting.some((other) => covers(other, one))).toBe(true)
      }),
    )
  })
})

function covers(waiting: Operation, added: Operation): boolean {
  if (waiting.type === 'clear') return true
  if (added.type === 'clear') return false
  if (added.type === 'set') return covers(waiting, key(added.key))
  if (waiting.type === 'set' || waiting.type !== added.type) return false
  const strongEnough = waiting.mode === 'delete' || added.mode === 'expire'
  return strongEnough && JSON.stringify({ ...waiting, mode: '' }) === JSON.stringify({ ...added, mode: '' })
}
