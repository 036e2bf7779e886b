import { describe, expect, it } from 'vitest'
import { inProcessRemote } from '../memory/in-process-remote.js'
import type { Commit, LogMessage, RemoteState, RemoteTier } from '../ports.js'
import { type FaultyRemote, faultyRemote } from './faulty-remote.js'
import { createVirtualClock, type VirtualClock } from './virtual-clock.js'

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

interface Node {
  readonly tier: RemoteTier
  readonly heard: string[]
}

async function open(seed = 1) {
  const clock = createVirtualClock({ start: 0 })
  const remote = faultyRemote(inProcessRemote(), { seed })
  return {
    clock,
    remote,
    faults: remote.faults,
    a: await join(remote, clock, 'a'),
    b: await join(remote, clock, 'b-0123abcd'),
  }
}

async function join(remote: FaultyRemote, clock: VirtualClock, node: string): Promise<Node> {
  const tier = remote.open({ namespace: 'test', node, clock, logger })
  const heard: string[] = []
  await tier.log.subscribe({
    message: (message: LogMessage) => heard.push(String(message.seq)),
    up: () => heard.push('up'),
    down: () => heard.push('down'),
  })
  heard.length = 0
  return { tier, heard }
}

const write = (key: string, byte = 1): Commit => ({
  origin: 'test',
  values: [{ key, bytes: Uint8Array.of(byte), expiresInMs: 60_000 }],
  operations: [{ type: 'set', key }],
})

describe('the faulty remote', () => {
  it('changes nothing while no fault is ordered', async () => {
    const { a, b, clock } = await open()
    await a.tier.commit(write('k'))
    expect(await b.tier.get(['k'])).toEqual([Uint8Array.of(1)])
    expect(await b.tier.log.position()).toMatchObject({ seq: 1 })
    await clock.advance(1)
    expect([a.heard, b.heard]).toEqual([['1'], ['1']])
  })

  it('holds calls up for as long as the tier in it does', () => {
    const inner = inProcessRemote()
    const context = { namespace: 'test', node: 'a', clock: createVirtualClock(), logger }
    const holding = { ...inner, open: () => Object.assign(inner.open(context), { holdsUpMs: 500 }) }
    expect(faultyRemote(holding).open(context).holdsUpMs).toBe(500)
    expect(faultyRemote(inner).open(context).holdsUpMs).toBeUndefined()
  })

  it('fails one call before its effect, and another after it', async () => {
    const { a, b, faults } = await open()
    faults.nextCall('a', { operation: 'commit', fail: 'before' })
    expect(await a.tier.get(['k'])).toEqual([undefined])
    await expect(a.tier.commit(write('k'))).rejects.toMatchObject({ code: 'remote-failed' })
    expect(await b.tier.get(['k'])).toEqual([undefined])
    faults.nextCall('a', { fail: 'after' })
    await expect(a.tier.commit(write('k'))).rejects.toThrow('after its effect')
    expect(await b.tier.get(['k'])).toEqual([Uint8Array.of(1)])
    await a.tier.commit(write('k', 2))
  })

  it('delays the effect and the reply by the clock', async () => {
    const { a, b, faults, clock } = await open()
    faults.nextCall('a', { latencyMs: 10, replyLatencyMs: 20 })
    let answered = false
    const commit = a.tier.commit(write('k')).then(() => {
      answered = true
    })
    await clock.advance(9)
    expect(await b.tier.get(['k'])).toEqual([undefined])
    await clock.advance(1)
    expect([await b.tier.get(['k']), answered]).toEqual([[Uint8Array.of(1)], false])
    await clock.advance(20)
    await commit
    expect(answered).toBe(true)
  })

  it('cuts one node off: state, calls, replies on their way and messages, and heals it', async () => {
    const { a, b, faults, clock } = await open()
    const states: RemoteState[] = []
    b.tier.onState((state) => states.push(state))
    faults.nextCall('b', { replyLatencyMs: 10 })
    const unanswered = b.tier.commit(write('mine')).catch((error) => error)
    await clock.advance(1)
    faults.cut('b')
    expect([b.tier.state(), a.tier.state(), states]).toEqual(['down', 'up', ['down']])
    await expect(b.tier.get(['k'])).rejects.toMatchObject({ code: 'remote-unavailable' })
    await clock.advance(10)
    expect(await unanswered).toMatchObject({ code: 'remote-unavailable' })
    expect(await a.tier.get(['mine'])).toEqual([Uint8Array.of(1)])
    await a.tier.commit(write('k'))
    await clock.advance(1)
    faults.heal('b')
    await a.tier.commit(write('k'))
    await clock.advance(1)
    expect(states).toEqual(['down', 'up'])
    expect(b.heard).toEqual(['1', 'down', 'up', '3'])
    expect(a.heard).toEqual(['1', '2', '3'])
  })

  it('cuts the subscription and the commands apart', async () => {
    const { a, b, faults, clock } = await open()
    faults.cutSubscription('b')
    await a.tier.commit(write('k'))
    await clock.advance(1)
    expect([b.tier.state(), b.heard, (await b.tier.get(['k']))[0]]).toEqual(['up', ['down'], Uint8Array.of(1)])
    faults.heal('b')
    faults.cutCommands('b')
    await a.tier.commit(write('k'))
    await clock.advance(1)
    expect([b.tier.state(), b.heard]).toEqual(['down', ['down', 'up', '2']])
  })

  it('drops, doubles and delays the next messages of one node', async () => {
    const { a, b, faults, clock } = await open()
    faults.dropNext('b')
    faults.duplicateNext('b')
    faults.delayNext('b', 50)
    for (let count = 0; count < 4; count++) await a.tier.commit(write('k'))
    await clock.advance(1)
    expect(b.heard).toEqual(['2', '2', '4'])
    await clock.advance(50)
    expect(b.heard).toEqual(['2', '2', '4', '3'])
    expect(a.heard).toEqual(['1', '2', '3', '4'])
  })

  it('brings the same chances for the same seed, others for another, and none after calm', async () => {
    const play = async (seed: number) => {
      const { a, b, faults, clock } = await open(seed)
      faults.profile('a', { failBefore: 0.2, failAfter: 0.2, latency: [0, 5] })
      faults.profile('b', { dropMessage: 0.2, duplicateMessage: 0.2, messageDelay: [0, 30] })
      const outcomes: string[] = []
      for (let count = 0; count < 60; count++) {
        const commit = a.tier.commit(write('k')).then(
          () => 'done',
          (error) => error.message,
        )
        outcomes.push(await clock.runUntil(commit))
      }
      await clock.advance(100)
      faults.calm()
      b.heard.push('calm')
      for (let count = 0; count < 20; count++) await a.tier.commit(write('k'))
      await clock.advance(1)
      return { outcomes, heard: b.heard }
    }
    const once = await play(7)
    expect(await play(7)).toEqual(once)
    expect(await play(8)).not.toEqual(once)
    expect(new Set(once.outcomes).size).toBe(3)
    const chaotic = once.heard.slice(0, once.heard.indexOf('calm')).map(Number)
    expect(chaotic).not.toEqual([...chaotic].sort((one, other) => one - other))
    expect(new Set(chaotic).size).toBeLessThan(chaotic.length)
    const calm = once.heard.slice(once.heard.indexOf('calm') + 1).map(Number)
    expect(calm).toEqual(Array.from({ length: 20 }, (_, index) => (calm[0] as number) + index))
  })

  it('loses the news that a lease ended when the subscription is cut', async () => {
    const { a, b, faults, clock } = await open()
    const ended: string[] = []
    b.tier.onLeaseEnd((key) => ended.push(key))
    for (const cut of [true, false]) {
      if (cut) faults.cutSubscription('b')
      else faults.heal('b')
      await a.tier.acquire('k', 'a', 1_000)
      expect(await b.tier.acquire('k', 'b', 1_000)).toMatchObject({ granted: false })
      await a.tier.release('k', 'a')
      await clock.advance(1)
    }
    expect(ended).toEqual(['k'])
  })

  it('refuses faults that are not what they must be', async () => {
    const { faults } = await open()
    expect(() => faults.profile('a', { failBefore: 2 })).toThrow(
      'faults.failBefore: expected a probability from 0 to 1, got 2',
    )
    expect(() => faults.profile('a', { latency: [5, 1] })).toThrow('faults.latency: expected [from, to]')
    // @ts-expect-error no such fault
    expect(() => faults.profile('a', { lose: 1 })).toThrow('faults.lose')
  })
})
