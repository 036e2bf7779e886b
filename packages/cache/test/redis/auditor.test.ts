import { Redis } from 'ioredis'
import { expect, it, vi } from 'vitest'
import { audited, createConsistencyAuditor } from '../../src/analytics/index.js'
import type { Cache } from '../../src/index.js'
import { redis } from '../../src/redis/index.js'
import { createCacheWithout, type ProtocolPart } from '../../src/testing/index.js'
import { PATIENT, startRedis } from './servers.js'

/**
 * The consistency auditor over processes' worth of caches on a real Redis, told of nothing by the protocol that it
 * audits.
 */

const PATIENCE = { timeout: 20_000, interval: 20 }

it('finds what a node serves after it missed an invalidation, and nothing on nodes that heard it', async () => {
  const server = await startRedis()
  const admin = new Redis(server.url)
  const row = { version: 1, changedAt: Date.now() - 60_000 }
  const open = async (node: string, without: readonly ProtocolPart[]) => {
    const cache: Cache = createCacheWithout(without, {
      namespace: 'ns',
      node,
      remote: redis({ url: server.url }),
      onPartition: 'serve',
      remoteOptions: PATIENT,
    })
    await cache.ready()
    const rows = cache.define('row', { key: (id: string) => id, load: async () => ({ ...row }) })
    const auditor = createConsistencyAuditor(cache, {
      definitions: [
        audited(rows, {
          origin: async () => ({ ...row }),
          version: (value) => value.version,
          changedAt: (value) => value.changedAt,
        }),
      ],
      sample: 1,
    })
    return { cache, rows, auditor }
  }
  const writer = await open('writer', [])
  const listener = await open('listener', [])
  const deaf = await open('deaf', ['replay', 'heartbeat'])
  try {
    const all = [writer, listener, deaf]
    for (const { rows } of all) await rows.get('r')
    // Everybody loses the subscription, and whoever repairs nothing stays behind when it is back.
    await admin.multi().call('client', 'kill', 'type', 'pubsub').exec()
    Object.assign(row, { version: 2, changedAt: Date.now() })
    expect(await writer.rows.invalidate('r')).toMatchObject({ propagated: true })
    await vi.waitFor(() => expect(listener.rows.peek('r')).toBeUndefined(), PATIENCE)
    expect((await listener.rows.get('r')).version).toBe(2)
    // What it serves grows older than the first window.
    await vi.waitFor(async () => {
      expect((await deaf.rows.get('r')).version).toBe(1)
      expect(deaf.auditor.report().findings).not.toEqual([])
    }, PATIENCE)
    const { findings, windows } = deaf.auditor.report()
    const [finding] = findings
    expect(windows[0]?.share).toBeGreaterThan(0)
    expect(finding).toMatchObject({ key: 'row:r', tier: 'memory', cause: { code: 'unheard-invalidation' } })
    expect(finding?.ageMs).toBeGreaterThanOrEqual(1_000)
    await vi.waitFor(() => expect(listener.auditor.report().audited).toBe(2), PATIENCE)
    for (const { auditor } of [writer, listener]) expect(auditor.report().findings).toEqual([])
  } finally {
    for (const { cache, auditor } of [writer, listener, deaf]) {
      await auditor.stop()
      await cache.close()
    }
    admin.disconnect()
    await server.stop()
  }
})
