import { createCache } from '@tableforge/cache'
import { createInvalidator, key } from '@tableforge/cache/invalidation'
import { createVirtualClock } from '@tableforge/cache/testing'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { ConsoleInvalidator } from '../options.js'
import type { Action } from '../wire.js'
import { Actions } from './actions.js'
import { Confirmations } from './confirmations.js'
import { inputsOf } from './inputs.js'
import { BadBody, parseAction, parseReason } from './parse.js'

const CLEAR: Action = { type: 'clear' }

test('a confirmation is good once, for the very action and person that it was given for, until it expires', () => {
  const confirmations = new Confirmations(undefined)
  const { confirm, expiresAt } = confirmations.give(CLEAR, 'kit', 0)
  const other: Action = { type: 'invalidate', target: { key: 'a' }, mode: 'delete' }
  expect(confirmations.refusalOf(confirm, other, 'kit', 1)).toMatch(/this very action/)
  expect(confirmations.refusalOf(confirm, CLEAR, 'sam', 1)).toMatch(/gave to you/)
  expect(confirmations.refusalOf(confirm, CLEAR, 'kit', expiresAt)).toMatch(/expired/)
  expect(confirmations.refusalOf(confirm, CLEAR, 'kit', expiresAt - 1)).toBeUndefined()
  expect(confirmations.refusalOf(confirm, CLEAR, 'kit', expiresAt - 1)).toMatch(/has been used/)
  expect(new Confirmations(undefined).refusalOf(confirm, CLEAR, 'kit', 1), 'another process').toMatch(/expected/)
})

test('no text but the one that was given confirms anything', () => {
  const confirmations = new Confirmations('a secret that is long enough to sign with')
  const { confirm } = confirmations.give(CLEAR, 'kit', 0)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.nat(confirm.length - 2).map((at) => confirm.slice(0, at)),
      ),
      (text) => {
        expect(confirmations.refusalOf(text, CLEAR, 'kit', 1)).toMatch(/confirm: /)
      },
    ),
  )
})

test('an action is taken over field by field, and what is wrong is named', () => {
  expect(parseAction({ type: 'invalidate', target: { tag: 't' }, __proto__: null, extra: 1 })).toEqual({
    type: 'invalidate',
    target: { tag: 't' },
    mode: 'delete',
  })
  expect(parseAction({ type: 'warm', definition: 'room' })).toEqual({ type: 'warm', definition: 'room', top: 100 })
  const wrong: [unknown, RegExp][] = [
    [null, /action: expected an object/],
    [{}, /action\.type: .*got nothing/],
    [{ type: 'drop' }, /action\.type: .*"drop"/],
    [{ type: 'invalidate', target: {} }, /action\.target: expected exactly one of key, tag, pattern, regex/],
    [{ type: 'invalidate', target: { key: 'a', tag: 'b' } }, /got "key and tag"/],
    [{ type: 'invalidate', target: { key: '' } }, /action\.target\.key: .*not empty/],
    [{ type: 'invalidate', target: { key: 'a' }, mode: 'now' }, /action\.mode: expected delete or expire/],
    [{ type: 'warm', definition: 'room', top: 1e9 }, /action\.top: .*1 to 1000/],
    [{ type: 'warm', definition: 'room', keys: [] }, /action\.keys/],
    [{ type: 'bypass', tier: 'origin', on: true }, /action\.tier: expected memory or remote/],
    [{ type: 'bypass', tier: 'memory', on: 'yes' }, /action\.on: expected true or false/],
    [{ type: 'silence', alert: 'hit-rate', durationMs: -1 }, /action\.durationMs/],
    [{ type: 'unsilence' }, /action\.silence/],
  ]
  for (const [body, message] of wrong) {
    expect(() => parseAction(body), JSON.stringify(body)).toThrow(message)
    expect(() => parseAction(body)).toThrow(BadBody)
  }
  expect(parseReason(' stale prices ')).toBe('stale prices')
  expect(() => parseReason('  ')).toThrow(/reason: expected a few words/)
})

test('the arguments that make a key are found from the key, or not at all', () => {
  const one = { name: 'room', keyOf: (id: string) => `room:${id}` }
  const number = { name: 'page', keyOf: (id: number) => `page:${id.toFixed()}` }
  const two = {
    name: 'chat',
    keyOf: (room: string, page: number) => `chat:${room.replaceAll(':', '%3A')}:${page.toFixed()}`,
  }
  const none = { name: 'popular', keyOf: (...args: unknown[]) => (args.length === 0 ? 'popular' : 'popular:?') }
  const hashed = { name: 'query', keyOf: ({ hash }: { hash: string }) => `query:${hash.length}` }
  expect(inputsOf(one, 'room:a:b')).toEqual(['a:b'])
  expect(inputsOf(number, 'page:7')).toEqual([7])
  expect(inputsOf(two, 'chat:r%3A1:2')).toEqual(['r:1', 2])
  expect(inputsOf(none, 'popular')).toEqual([])
  expect(inputsOf(hashed, 'query:7')).toBeUndefined()
  expect(inputsOf(one, 'other:1')).toBeUndefined()
})

test('an invalidator of its own is closed with it, and one that was handed in stays open', async () => {
  const cache = createCache()
  onTestFinished(() => cache.close())
  const given = createInvalidator(cache, { rules: {} })
  const actionsWith = (invalidator: ConsoleInvalidator | undefined) =>
    new Actions({ cache, invalidator, sessionSecret: undefined, clock: createVirtualClock(), logger: undefined })
  const [own, shared] = [actionsWith(undefined), actionsWith(given)]
  await Promise.all([own.close(), shared.close()])
  await expect(own.invalidator.invalidate(key('a'))).rejects.toMatchObject({ code: 'closed' })
  await expect(shared.invalidator.invalidate(key('a'))).resolves.toMatchObject({ outcome: 'done' })
  await given.close()
})
