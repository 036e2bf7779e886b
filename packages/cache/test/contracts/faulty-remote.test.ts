import { afterAll, beforeAll, describe, it } from 'vitest'
import { inProcessRemote } from '../../src/memory/in-process-remote.js'
import { describeRemoteContract, faultyRemote, type RemoteContractHarness } from '../../src/testing/index.js'
import { openTier } from '../redis/harness.js'

/** A remote tier in which nothing is ordered to go wrong is a remote tier like any other. */
async function faultyHarness(): Promise<RemoteContractHarness> {
  // Tiers with the same limits share a factory, and so a store for each namespace.
  const factories = new Map<
    string,
    { inner: ReturnType<typeof inProcessRemote>; faulty: ReturnType<typeof faultyRemote> }
  >()
  const each = async (act: (inner: ReturnType<typeof inProcessRemote>) => void) => {
    for (const { inner } of factories.values()) act(inner)
  }
  return {
    open({ namespace, node, ...limits }) {
      const name = JSON.stringify(limits)
      let made = factories.get(name)
      if (made === undefined) {
        const inner = inProcessRemote(limits)
        made = { inner, faulty: faultyRemote(inner) }
        factories.set(name, made)
      }
      return openTier(made.faulty, namespace, node)
    },
    lose: (_namespace, part) => each((inner) => inner.lose(part)),
    flush: () => each((inner) => inner.flush()),
    disconnect: () => each((inner) => inner.disconnect()),
    reconnect: () => each((inner) => inner.reconnect()),
    close: async () => undefined,
  }
}

describeRemoteContract('the faulty remote tier, without faults', faultyHarness, { describe, it, beforeAll, afterAll })
