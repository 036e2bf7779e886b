import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { acquire, fill, release, renew } from '../../src/redis/scripts/lease.js'
import type { CacheProcess } from './cache-process.js'
import { type Nodes, type SeenCommand, startNodes } from './nodes.js'

/** One load of a cold key, however many processes ask for it, and whoever dies. */

let nodes: Nodes
beforeEach(async () => {
  nodes = await startNodes()
})
afterEach(() => nodes.close())

describe('a cold key', () => {
  it('is loaded once for 1,000 callers in one process', async () => {
    const [node] = (await nodes.start(1)) as [CacheProcess]
    expect(await node.crowd('hot', 1_000)).toEqual(['v1'])
    expect(nodes.origin.loads).toHaveLength(1)
  })

  it('is loaded once for 4 processes with 250 callers each', async () => {
    const all = await nodes.start(4)
    const release = nodes.origin.hold()
    const crowds = all.map((node) => node.crowd('hot', 250))
    await nodes.origin.begun(1)
    await asked(all.length)
    release()
    expect(await Promise.all(crowds)).toEqual(all.map(() => ['v1']))
    expect(nodes.origin.loads).toHaveLength(1)
  })
})

describe('who waits for the load of another process', () => {
  it('sends Redis one question for the lease and nothing more, until it is woken', async () => {
    const options = { remoteOptions: { lease: '6s' }, maxStaleness: '10m' } as const
    const all = (await nodes.start(4, options)) as CacheProcess[]
    const seen = await nodes.monitor()
    const release = nodes.origin.hold()
    const crowds = all.map((node) => node.crowd('hot', 250))
    await nodes.origin.begun(1)
    await asked(all.length)
    // The holder renews every third of the lease: waiting is observed for at least that long.
    const renewals = () => seen.filter(({ args: [, sha] }) => sha === renew.sha).length
    const renewed = renewals()
    await vi.waitFor(() => expect(renewals()).toBeGreaterThan(renewed), 20_000)
    const waiting = ['get acquire', 'get acquire', 'get acquire']
    expect(histories(seen)).toEqual([...waiting, 'get acquire renew'])
    release()
    expect(await Promise.all(crowds)).toEqual(all.map(() => ['v1']))
    expect(nodes.origin.loads).toHaveLength(1)
    // Woken: each reads the value, and the holder has filled it. Who watches Redis may hear of it after those who
    // asked.
    const woken = waiting.map((commands) => `${commands} get`)
    await vi.waitFor(() => expect(histories(seen)).toEqual([...woken, 'get acquire renew fill']), 20_000)
  })

  it('is woken by the fill, long before the lease would have ended', async () => {
    const lease = 60_000
    const [holder, waiter] = (await nodes.start(2, { remoteOptions: { lease } })) as [CacheProcess, CacheProcess]
    const release = nodes.origin.hold()
    const loading = holder.value('hot')
    await nodes.origin.begun(1)
    const waiting = waiter.value('hot')
    await asked(2)
    const released = performance.now()
    release()
    expect(await Promise.all([loading, waiting])).toEqual(['v1', 'v1'])
    expect(performance.now() - released).toBeLessThan(lease / 2)
    expect(nodes.origin.loads).toHaveLength(1)
  })

  it('replaces a holder that was killed, within the time of its lease', async () => {
    const lease = 8_000
    const [holder, waiter] = (await nodes.start(2, { remoteOptions: { lease } })) as [CacheProcess, CacheProcess]
    const release = nodes.origin.hold()
    const lost = holder.value('hot').catch((error: Error) => error.message)
    await nodes.origin.begun(1)
    const waiting = waiter.value('hot')
    await asked(2)
    const { pid } = holder
    await holder.kill()
    const killed = performance.now()
    expect(await lost).toBe('the process ended')
    await nodes.origin.begun(2)
    const [first, second] = nodes.origin.loads
    expect(first?.pid).toBe(pid)
    expect(second?.pid).toBe(waiter.pid)
    expect((second?.at ?? 0) - killed).toBeLessThan(2 * lease - 1_000)
    release()
    expect(await waiting).toBe('v1')
  })
})

describe('a load that outlives its hard timeout', () => {
  it('remains the only one of all processes, because its lease is renewed, and is stored in the end', async () => {
    const options = { remoteOptions: { lease: '5s' }, defaults: { hardTimeout: '1s' }, maxStaleness: '10m' } as const
    const all = (await nodes.start(3, options)) as CacheProcess[]
    const seen = await nodes.monitor()
    const release = nodes.origin.hold()
    const refusals = all.map((node) => node.value('hot').catch((error: Error) => error.message))
    for (const refusal of await Promise.all(refusals)) expect(refusal).toMatch(/within 1000 ms|longer than 1000 ms/)
    // Renewed after its callers have gone.
    const renewals = () =>
      bySource(seen)
        .flat()
        .filter((command) => command === 'renew')
    const before = renewals().length
    await vi.waitFor(() => expect(renewals().length).toBeGreaterThan(before), 20_000)
    const late = all.map((node) => node.value('hot').catch((error: Error) => error.message))
    for (const refusal of await Promise.all(late)) expect(refusal).toMatch(/within 1000 ms/)
    expect(nodes.origin.loads).toHaveLength(1)
    release()
    await vi.waitFor(() => expect(bySource(seen).flat()).toContain('fill'), 20_000)
    expect(await Promise.all(all.map((node) => node.value('hot')))).toEqual(['v1', 'v1', 'v1'])
    expect(nodes.origin.loads).toHaveLength(1)
  })
})

/**
 * Resolves when so many processes have asked for the lease of the hot key: one holds it, the others are on its list.
 */
async function asked(processes: number): Promise<void> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const stats = await nodes.admin.info('commandstats')
    const refused = /cmdstat_pttl:calls=(\d+)/.exec(stats)
    if (Number(refused?.[1] ?? 0) >= processes - 1) return
    if (performance.now() > deadline) throw new Error(`${processes} processes did not ask for the lease:\n${stats}`)
    await turn()
  }
}

const scripts = new Map([acquire, renew, release, fill].map((script) => [script.sha, script.name]))

/**
 * The commands about the hot key by the connection that sent them, scripts by their names. What a script does itself is
 * left out, and so is its source, which follows when Redis did not know it yet.
 */
function bySource(seen: readonly SeenCommand[]): string[][] {
  const commands = new Map<string, string[]>()
  for (const { args, source } of seen) {
    const [command = '', sha = ''] = args
    if (source === 'lua' || /^eval$/i.test(command) || !args.some((arg) => arg.includes('room:hot'))) continue
    commands.set(source, [...(commands.get(source) ?? []), scripts.get(sha) ?? command.toLowerCase()])
  }
  return [...commands.values()]
}

/** What each connection has sent, in order; a lease that was renewed again and again counts as renewed. */
function histories(seen: readonly SeenCommand[]): string[] {
  return bySource(seen)
    .map((commands) => commands.filter((name, at) => name !== 'renew' || commands[at - 1] !== 'renew').join(' '))
    .sort()
}
