import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commit } from '../../src/redis/scripts/commit.js'
import { acquire, fill } from '../../src/redis/scripts/lease.js'
import type { CacheProcess } from './cache-process.js'
import { type Nodes, type SeenCommand, servedOld, startNodes } from './nodes.js'

/** What processes do while Redis is away, and when it is back: paused, cut off, flushed by a stranger, killed. */

let nodes: Nodes
beforeEach(async () => {
  nodes = await startNodes()
})
afterEach(() => nodes.close())

const maxStaleness = 600
const OPTIONS = { maxStaleness } as const

describe('while redis-server is paused', () => {
  it('memory is not served once nothing was confirmed for maxStaleness', async () => {
    // Who answers nothing is known by a timeout only.
    const options = { maxStaleness: 1_500, remoteOptions: { timeout: 300, commitTimeout: 300 } }
    const { maxStaleness } = options
    const [reader, writer] = (await nodes.start(2, options)) as [CacheProcess, CacheProcess]
    await Promise.all([reader.value('r'), writer.value('r')])
    await vi.waitFor(async () => expect(await reader.get('r')).toMatchObject({ tier: 'memory' }), 20_000)
    nodes.origin.values.set('r', 'v2')
    const paused = performance.now()
    process.kill(nodes.server.pid, 'SIGSTOP')
    try {
      // From this moment on, whatever the writer waits for: memory is still confirmed for a while.
      const writing = (async () => {
        expect((await writer.invalidate('r')).propagated).toBe(false)
        expect(await writer.value('r')).toBe('v2')
      })()
      let longest = 0
      for (;;) {
        const began = performance.now()
        const value = await reader.value('r')
        if (value === 'v1') longest = Math.max(longest, began - paused)
        // Every later read comes from the origin: there is nobody to confirm memory.
        else if (began - paused > maxStaleness * 2) break
      }
      expect(longest).toBeGreaterThan(0)
      expect(longest).toBeLessThan(maxStaleness)
      await writing
    } finally {
      process.kill(nodes.server.pid, 'SIGCONT')
    }
    await vi.waitFor(async () => expect((await writer.log()).recovering).toBe(0), 20_000)
    expect(await reader.value('r', { freshness: 'remote' })).toBe('v2')
    await vi.waitFor(async () => expect(await reader.get('r')).toMatchObject({ value: 'v2', tier: 'memory' }), 20_000)
  })
})

describe('when somebody else empties Redis', () => {
  it('no node serves what it remembers past the next invalidation', async () => {
    const [reader, writer] = (await nodes.start(2, OPTIONS)) as [CacheProcess, CacheProcess]
    await Promise.all([reader.value('r'), writer.value('r')])
    await nodes.admin.flushall()
    nodes.origin.values.set('r', 'v2')
    expect(await writer.invalidate('r')).toEqual({ seq: 1, propagated: true })
    const acknowledged = performance.now()
    expect(await writer.value('r')).toBe('v2')
    expect(await reader.value('r', { freshness: 'remote' })).toBe('v2')
    expect(await servedOld(reader, 'r', 'v1', acknowledged)).toBeLessThan(maxStaleness)
    expect(await reader.value('r')).toBe('v2')
  })

  it('a load that began before does not fill the emptied Redis', async () => {
    const [loader, other] = (await nodes.start(2, OPTIONS)) as [CacheProcess, CacheProcess]
    const release = nodes.origin.hold()
    const underWay = loader.value('r')
    await nodes.origin.begun(1)
    await nodes.admin.flushall()
    nodes.origin.values.set('r', 'v2')
    await other.invalidate('r')
    release()
    await underWay
    expect(await other.value('r')).toBe('v2')
    expect(await loader.value('r', { freshness: 'remote' })).toBe('v2')
  })
})

describe('when redis-server is killed and started again', () => {
  it('reads go on from the loader, and what was invalidated meanwhile reaches everybody', async () => {
    const all = (await nodes.start(3, OPTIONS)) as [CacheProcess, CacheProcess, CacheProcess]
    const [writer, ...readers] = all
    await Promise.all(all.map((node) => node.value('r')))
    await nodes.server.kill()
    nodes.origin.values.set('r', 'v2')
    expect(await writer.invalidate('r')).toEqual({ propagated: false })
    expect(await writer.value('r')).toBe('v2')
    expect((await writer.log()).recovering).toBe(1)
    for (const node of all) expect(await node.value('during the outage')).toBe('v1')
    await nodes.server.restart()
    await vi.waitFor(
      async () => expect(await writer.log()).toMatchObject({ recovering: 0, recovered: 1, subscribed: true }),
      20_000,
    )
    const recovered = performance.now()
    for (const reader of readers) {
      expect(await servedOld(reader, 'r', 'v1', recovered)).toBeLessThan(maxStaleness)
      expect(await reader.value('r', { freshness: 'remote' })).toBe('v2')
    }
    // Each of them finds Redis again in its own time.
    for (const reader of readers) {
      await vi.waitFor(async () => {
        const id = `afterwards ${performance.now()}`
        await writer.value(id)
        expect(await reader.get(id)).toMatchObject({ tier: 'remote' })
      }, 20_000)
    }
  })
})

describe('a node that was cut off', () => {
  it('sends what it invalidated meanwhile before it asks for any lease', async () => {
    const { node, proxy } = await nodes.startBehindProxy(OPTIONS)
    const [other] = (await nodes.start(1, { ...OPTIONS, maxStaleness: '10m' })) as [CacheProcess]
    await Promise.all([node.value('r'), other.value('r')])
    proxy.refuse()
    nodes.origin.values.set('r', 'v2')
    expect((await node.invalidate('r')).propagated).toBe(false)
    expect(await other.value('r')).toBe('v1')
    const seen = await nodes.monitor()
    proxy.heal()
    await vi.waitFor(async () => {
      await node.value(`r${seen.length}`)
      expect(steps(seen)).toContain('fill')
    }, 20_000)
    expect(steps(seen)[0]).toBe('commit')
    expect(await other.value('r', { freshness: 'remote' })).toBe('v2')
    await vi.waitFor(async () => expect(await other.value('r')).toBe('v2'), 20_000)
  })
})

describe('a process that is done', () => {
  it('ends by itself once its cache is closed', async () => {
    const script = fileURLToPath(new URL('./done.mjs', import.meta.url))
    const run = promisify(execFile)(process.execPath, [script, nodes.server.url], { timeout: 20_000 })
    await expect(run).resolves.toEqual({ stdout: 'loaded r\nloaded r\n', stderr: '' })
  })

  it('ends by itself also while Redis is away', async () => {
    const script = fileURLToPath(new URL('./done.mjs', import.meta.url))
    await nodes.server.kill()
    const run = promisify(execFile)(process.execPath, [script, nodes.server.url], { timeout: 20_000 })
    await expect(run).resolves.toEqual({ stdout: 'loaded r\nloaded r\n', stderr: '' })
  })
})

const scripts = new Map([commit, acquire, fill].map((script) => [script.sha, script.name]))

/** The scripts that nodes have run, by name, in the order of Redis. */
function steps(seen: readonly SeenCommand[]): string[] {
  return seen.flatMap(({ args, source }) => (source === 'lua' ? [] : (scripts.get(args[1] ?? '') ?? [])))
}
