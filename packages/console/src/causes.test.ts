import { expect, test } from 'vitest'
import { causeFinder } from './causes.js'
import type { Invalidation, WireAudit } from './wire.js'

const record = (event: string, seq: number, targets: Partial<WireAudit['targets']>): WireAudit => ({
  id: seq,
  node: 'here',
  event,
  strategies: [],
  actor: 'kit',
  reason: null,
  at: 0,
  durationMs: 1,
  attempts: 1,
  outcome: 'done',
  targets: { keys: [], tags: [], patterns: [], everything: false, patched: [], unpatched: [], omitted: 0, ...targets },
  seq,
  propagated: true,
  failures: [],
})
const entry = (seq: number | null, tag: string, own = true): Invalidation => ({
  id: seq ?? 0,
  at: 0,
  seq,
  origin: own ? 'here' : 'there',
  own,
  operations: [{ type: 'tag', tag, mode: 'delete' }],
  more: 0,
  propagated: true,
  durationMs: 1,
})

test('an entry of the log is told with its event, also when the event took another place behind it for an update', () => {
  const causeOf = causeFinder([
    record('joined', 5, { tags: ['a'] }),
    record('moved', 8, { tags: ['b'], patched: ['room:1'] }),
  ])
  expect(causeOf(entry(5, 'a'))?.event).toBe('joined')
  expect(causeOf(entry(7, 'b'))?.event).toBe('moved')
  expect(causeOf(entry(7, 'c')), 'names something else').toBeUndefined()
  expect(causeOf(entry(3, 'b')), 'too far away').toBeUndefined()
  expect(causeOf(entry(5, 'a', false)), 'of another node').toBeUndefined()
  expect(causeOf(entry(null, 'a'))).toBeUndefined()
})
