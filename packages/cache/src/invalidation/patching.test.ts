import { afterEach, describe, expect, it } from 'vitest'
import { createCache, inProcessRemote } from '../index.js'
import { createVirtualClock } from '../testing/index.js'
import { createInvalidator, entry, key, patch, type Targets, tag } from './index.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface State {
  version: number
  x: number
}

async function open() {
  const clock = createVirtualClock({ start: 0 })
  const remote = inProcessRemote()
  const node = (name: string) => {
    const cache = createCache({ node: name, clock, remote })
    closers.push(() => clock.runUntil(cache.close()))
    const rooms = cache.define('room:state', {
      key: (roomId: string) => roomId,
      load: async (): Promise<State> => ({ ...origin }),
      tags: (_state, roomId) => [`room:${roomId}`],
    })
    const invalidator = createInvalidator<{ moved: Targets }>(cache, { clock, rules: { moved: (targets) => targets } })
    closers.push(() => clock.runUntil(invalidator.close()))
    return { cache, rooms, invalidator }
  }
  const origin: State = { version: 1, x: 0 }
  const [a, b] = [node('a'), node('b')]
  await Promise.all([a.cache.ready(), b.cache.ready()])
  /** Moves the token in the origin and says how the cached state follows. */
  const move = (x: number, during: () => Promise<unknown> = async () => undefined) => {
    origin.version++
    origin.x = x
    const { version } = origin
    return patch(entry(a.rooms, 'r1'), async () => {
      const state = await a.rooms.get('r1')
      await during()
      return state.version + 1 === version ? a.rooms.set('r1', { version, x }) : false
    })
  }
  return { clock, remote, origin, a, b, move }
}

describe('a patch', () => {
  it('updates the entry where it is, so that nobody loads', async () => {
    const { a, b, clock, move } = await open()
    await a.rooms.get('r1')
    const record = await a.invalidator.raise('moved', move(5))
    expect(record.targets).toMatchObject({ patched: ['room:state:r1'], unpatched: [], keys: [] })
    expect(a.rooms.peek('r1')?.value).toEqual({ version: 2, x: 5 })
    await clock.flush()
    expect(await b.rooms.get('r1', { details: true })).toMatchObject({ value: { version: 2, x: 5 }, tier: 'remote' })
  })

  it('keeps the order of its entry among other patches and deletions', async () => {
    const { a, origin, clock } = await open()
    const order: string[] = []
    a.cache.on('applied', ({ operations }) => {
      if (operations.some((one) => one.type === 'key' && one.key === 'room:state:r1')) order.push('deleted')
    })
    const slow = (name: string, ms: number) =>
      patch(entry(a.rooms, 'r1'), async () => {
        order.push(`${name} begins`)
        await new Promise<void>((resolve) => clock.setTimeout(resolve, ms))
        order.push(`${name} ends`)
        return a.rooms.set('r1', { ...origin })
      })
    const work = [
      a.invalidator.raise('moved', slow('first', 100)),
      a.invalidator.raise('moved', slow('second', 10)),
      a.invalidator.raise('moved', entry(a.rooms, 'r1')),
      a.invalidator.raise('moved', slow('third', 1)),
      a.invalidator.raise('moved', key('another')).then(() => order.push('another')),
    ]
    await clock.runUntil(Promise.all(work))
    expect(order).toEqual([
      'first begins',
      'another',
      'first ends',
      'second begins',
      'second ends',
      'deleted',
      'third begins',
      'third ends',
    ])
  })

  it('becomes a deletion when it declines, fails, answers with no receipt, or takes too long', async () => {
    const { a, clock } = await open()
    let aborted = false
    const cases = {
      declined: () => false as const,
      failed: () => {
        throw new Error('broken')
      },
      'timed-out': (signal: AbortSignal) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true
            reject(signal.reason)
          })
        }),
    }
    for (const [reason, apply] of Object.entries(cases)) {
      await a.rooms.get('r1')
      const record = await clock.runUntil(a.invalidator.raise('moved', patch(entry(a.rooms, 'r1'), apply)))
      expect(record.targets.unpatched).toEqual([{ key: 'room:state:r1', reason }])
      expect(record.outcome).toBe('done')
      expect(await a.rooms.has('r1')).toBe(false)
    }
    expect(aborted).toBe(true)
    const unanswered = async () => undefined
    // @ts-expect-error no receipt
    const target = patch(entry(a.rooms, 'r1'), unanswered)
    const record = await a.invalidator.raise('moved', target)
    expect(record.targets.unpatched).toEqual([{ key: 'room:state:r1', reason: 'failed' }])
  })

  it('becomes a deletion when it was overtaken, by this node or another, by key, tag or set', async () => {
    const { a, b, clock, move, origin } = await open()
    const overtakers = [
      () => b.rooms.invalidate('r1'),
      () => b.cache.invalidate({ tag: 'room:r1' }),
      () => b.rooms.set('r1', { version: 99, x: 99 }),
      () => a.cache.invalidate({ tag: 'room:r1' }),
      () => b.cache.invalidate({ pattern: 'room:*' }),
      () => b.cache.clear(),
    ]
    for (const overtake of overtakers) {
      await a.rooms.get('r1')
      const record = await clock.runUntil(a.invalidator.raise('moved', move(7, overtake)))
      expect(record.targets.unpatched).toEqual([{ key: 'room:state:r1', reason: 'overtaken' }])
      expect(await clock.runUntil(a.rooms.get('r1'))).toEqual(origin)
      // The other node hears of it a moment later.
      await clock.advance(10)
      expect(await clock.runUntil(b.rooms.get('r1'))).toEqual(origin)
    }
  })

  it('is not disturbed by what does not cover its entry', async () => {
    const { a, b, clock, move } = await open()
    await a.rooms.get('r1')
    const others = () => Promise.all([b.rooms.invalidate('r2'), b.cache.invalidate({ tags: ['room:r2', 'user:1'] })])
    const record = await clock.runUntil(a.invalidator.raise('moved', [move(3, others), tag('queries:r1')]))
    expect(record.targets).toMatchObject({ patched: ['room:state:r1'], unpatched: [], tags: ['queries:r1'] })
    expect(a.rooms.peek('r1')?.value).toEqual({ version: 2, x: 3 })
  })

  it('comes after what its own event invalidates', async () => {
    const { a, move } = await open()
    await a.rooms.get('r1')
    const record = await a.invalidator.raise('moved', [move(4, () => Promise.resolve()), tag('room:r1')])
    // The tag was gone through first, so the patch met what had just been loaded: the newest version, which it
    // declines.
    expect(record.targets.unpatched).toEqual([{ key: 'room:state:r1', reason: 'declined' }])
    expect(await a.rooms.get('r1')).toEqual({ version: 2, x: 4 })
  })

  it('becomes a deletion that waits for the remote tier when that is away', async () => {
    const { a, b, clock, remote, move, origin } = await open()
    await a.rooms.get('r1')
    await b.rooms.get('r1')
    remote.disconnect()
    const record = await clock.runUntil(a.invalidator.raise('moved', move(8)))
    expect(record.targets.unpatched).toEqual([{ key: 'room:state:r1', reason: 'not-propagated' }])
    expect(record.propagated).toBe(false)
    remote.reconnect()
    await clock.advance(10_000)
    expect(await b.rooms.get('r1')).toEqual(origin)
  })
})
