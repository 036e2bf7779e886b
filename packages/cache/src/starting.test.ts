import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCache } from './create-cache.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { RemoteFactory } from './ports.js'
import { createVirtualClock, type VirtualClock } from './testing/virtual-clock.js'

let clock: VirtualClock
beforeEach(() => {
  clock = createVirtualClock()
})
afterEach(async () => {
  await clock.advance(1)
  expect(clock.pending).toBe(0)
})

/** A remote tier that refuses the first connections, is heard after two seconds, and counts listeners to its log. */
function reluctantRemote(
  refusals: number,
): RemoteFactory & { readonly counts: { connects: number; listeners: number } } {
  const inner = inProcessRemote()
  const counts = { connects: 0, listeners: 0 }
  return {
    kind: inner.kind,
    counts,
    open(context) {
      const tier = inner.open(context)
      const { connect, log } = tier
      const subscribe = log.subscribe.bind(log)
      tier.connect = async () => {
        if (++counts.connects <= refusals) throw new Error('not yet')
        await connect.call(tier)
      }
      log.subscribe = async (listener) => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 2_000))
        counts.listeners++
        const unsubscribe = await subscribe(listener)
        return async () => {
          counts.listeners--
          await unsubscribe()
        }
      }
      return tier
    },
  }
}

it('a start that was asked for and the one that is tried again by itself are one', async () => {
  const remote = reluctantRemote(1)
  const cache = createCache({ clock, remote })
  await clock.flush()
  const asked = cache.ready()
  await clock.runUntil(asked)
  await clock.advance(5_000)
  expect(remote.counts).toEqual({ connects: 2, listeners: 1 })
  await clock.runUntil(cache.close())
  expect(remote.counts.listeners).toBe(0)
})

it('a start that failed is told to each who asked for it, and tried again until it succeeds', async () => {
  const remote = reluctantRemote(3)
  const cache = createCache({ clock, remote })
  await expect(cache.ready()).rejects.toThrow('not yet')
  await expect(cache.ready()).rejects.toThrow('not yet')
  await clock.advance(5_000)
  expect(remote.counts).toEqual({ connects: 4, listeners: 1 })
  await clock.runUntil(cache.ready())
  await clock.runUntil(cache.close())
})
