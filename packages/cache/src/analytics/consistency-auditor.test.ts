import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cache } from '../cache.js'
import type { Definition } from '../definition.js'
import { inProcessRemote } from '../memory/in-process-remote.js'
import type { CacheOptions } from '../options.js'
import type { Logger } from '../ports.js'
import { type TestCaches, testCaches } from '../testing/caches.js'
import { createCacheWithout } from '../testing/compose.js'
import { faultyRemote } from '../testing/faulty-remote.js'
import { audited, type TruthSource } from './audited-definition.js'
import type { ConsistencyAuditorOptions } from './auditor-options.js'
import { type ConsistencyAuditor, createConsistencyAuditor } from './consistency-auditor.js'
import type { StalenessFinding } from './consistency-report.js'

interface Sheet {
  readonly version: number
  readonly changedAt: number
  readonly note: string
}

let caches: TestCaches
let sheets: Map<string, Sheet>
let auditors: ConsistencyAuditor[]

beforeEach(() => {
  caches = testCaches()
  sheets = new Map()
  auditors = []
  write('a', 'first')
})
afterEach(async () => {
  await caches.settle(Promise.all(auditors.map((auditor) => auditor.stop())))
  await caches.close()
})

/** Changes the origin and tells nobody. */
function write(id: string, note: string): void {
  sheets.set(id, { version: (sheets.get(id)?.version ?? 0) + 1, changedAt: caches.clock.now(), note })
}

const read = (id: string) => sheets.get(id)
const byVersion: TruthSource<[string], Sheet | undefined> = {
  origin: read,
  version: (sheet) => sheet?.version ?? 0,
  changedAt: (sheet) => sheet?.changedAt ?? 0,
}
const byContent: TruthSource<[string], Sheet | undefined> = { origin: read }

type Sheets = Definition<[string], Sheet | undefined>

function define(cache: Cache, options: object = {}): Sheets {
  return cache.define('sheet', { key: (id: string) => id, load: (id) => read(id), ...options })
}

function audit(
  cache: Cache,
  definition: Sheets,
  source: TruthSource<[string], Sheet | undefined>,
  options: Partial<ConsistencyAuditorOptions> = {},
): ConsistencyAuditor {
  const definitions = [audited(definition, source)]
  const auditor = createConsistencyAuditor(cache, { definitions, sample: 1, clock: caches.clock, ...options })
  auditors.push(auditor)
  return auditor
}

async function setUp(
  source: TruthSource<[string], Sheet | undefined>,
  options: Partial<ConsistencyAuditorOptions> = {},
  cacheOptions: CacheOptions = {},
) {
  const cache = await caches.open(cacheOptions)
  const definition = define(cache)
  await caches.settle(definition.get('a'))
  const auditor = audit(cache, definition, source, options)
  return { cache, definition, auditor }
}

const shares = (auditor: ConsistencyAuditor) => auditor.report().windows.map(({ stale }) => stale)

describe('an age that the origin tells', () => {
  it.each([
    [999, undefined, [0, 0, 0]],
    [1_000, '1s', [1, 0, 0]],
    [12_345, '10s', [1, 1, 0]],
    [60_000, '60s', [1, 1, 1]],
  ])('is exact after %d ms, in the window %s', async (age, window, stale) => {
    const { definition, auditor } = await setUp(byVersion)
    write('a', 'second')
    await caches.clock.advance(age)
    await definition.get('a')
    await caches.clock.advance(0)
    expect(shares(auditor)).toEqual(stale)
    const { findings, windows, audited: count } = auditor.report()
    expect(windows.map(({ exact }) => exact)).toEqual(stale)
    expect(count).toBe(1)
    const expected = { window, ageMs: age, exactness: 'exact', tier: 'memory', key: 'sheet:a', definition: 'sheet' }
    expect(findings).toEqual(window === undefined ? [] : [expect.objectContaining(expected)])
  })

  it('is exact from versions alone, without reading values', async () => {
    const { definition, auditor } = await setUp({
      originVersion: (id) => ({ version: read(id)?.version ?? 0, changedAt: new Date(read(id)?.changedAt ?? 0) }),
      version: (sheet) => sheet?.version ?? 0,
    })
    write('a', 'second')
    await caches.clock.advance(3_000)
    await definition.get('a')
    await caches.clock.advance(0)
    expect(auditor.report().findings).toMatchObject([{ window: '1s', ageMs: 3_000, exactness: 'exact' }])
  })

  it('is a lower bound when changes were missed in between', async () => {
    const { definition, auditor } = await setUp(byVersion)
    write('a', 'second')
    await caches.clock.advance(20_000)
    write('a', 'third')
    await caches.clock.advance(2_000)
    await definition.get('a')
    await caches.clock.advance(0)
    expect(auditor.report().findings).toMatchObject([{ window: '1s', ageMs: 2_000, exactness: 'at-least' }])
  })

  it('is not raised by following while the origin stands still', async () => {
    const { definition, auditor } = await setUp({ origin: read, changedAt: (sheet) => sheet?.changedAt ?? 0 })
    write('a', 'second')
    await caches.clock.advance(500)
    await definition.get('a')
    await caches.clock.advance(120_000)
    expect(shares(auditor)).toEqual([0, 0, 0])
    expect(auditor.report()).toMatchObject({ audited: 1, pending: 0 })
  })

  it('is raised by following when the origin keeps changing, so that its last change says nothing', async () => {
    const { definition, auditor } = await setUp({ origin: read, changedAt: (sheet) => sheet?.changedAt ?? 0 })
    for (let tick = 0; tick < 1_300; tick++) {
      write('a', `tick ${tick}`)
      await caches.clock.advance(50)
      if (tick === 10) await definition.get('a')
    }
    expect(shares(auditor)).toEqual([1, 1, 1])
    expect(auditor.report().findings).toMatchObject([{ window: '60s', ageMs: 60_000, exactness: 'at-least' }])
  })
})

describe('an age that the origin does not tell', () => {
  it('grows while the replaced value is still served, and its finding with it', async () => {
    const told: StalenessFinding[] = []
    const { definition, auditor } = await setUp(byContent, { onFinding: (finding) => told.push(finding) })
    write('a', 'second')
    await definition.get('a')
    await caches.clock.advance(999)
    expect(shares(auditor)).toEqual([0, 0, 0])
    expect(auditor.report()).toMatchObject({ audited: 0, pending: 1 })
    await caches.clock.advance(1)
    expect(shares(auditor)).toEqual([1, 0, 0])
    await caches.clock.advance(59_000)
    expect(shares(auditor)).toEqual([1, 1, 1])
    expect(told.map(({ id, window, ageMs, exactness }) => [id, window, ageMs, exactness])).toEqual([
      [1, '1s', 1_000, 'at-least'],
      [1, '10s', 10_000, 'at-least'],
      [1, '60s', 60_000, 'at-least'],
    ])
    expect(auditor.report().findings).toEqual([told[2]])
    expect(auditor.report().windows.map(({ exact }) => exact)).toEqual([0, 0, 0])
  })

  it('stops growing once the value is replaced', async () => {
    const { definition, auditor } = await setUp(byContent)
    write('a', 'second')
    await definition.get('a')
    await caches.clock.advance(5_000)
    await caches.settle(definition.invalidate('a'))
    await caches.settle(definition.get('a'))
    await caches.clock.advance(60_000)
    expect(auditor.report()).toMatchObject({ sampled: 2, audited: 2, pending: 0 })
    expect(shares(auditor)).toEqual([1, 0, 0])
  })

  it('is not taken from an origin that has gone back to the value that is served', async () => {
    const { definition, auditor } = await setUp({ origin: read, equal: (a, b) => a?.note === b?.note })
    write('a', 'second')
    await definition.get('a')
    await caches.clock.advance(500)
    write('a', 'first')
    await caches.clock.advance(60_000)
    expect(shares(auditor)).toEqual([0, 0, 0])
    expect(auditor.report()).toMatchObject({ audited: 1, overtaken: 1 })
  })

  it('sees that what was deleted is still served', async () => {
    const { definition, auditor } = await setUp(byVersion)
    sheets.delete('a')
    await definition.get('a')
    await caches.clock.advance(1_000)
    expect(auditor.report().findings).toMatchObject([{ window: '1s', exactness: 'at-least' }])
  })
})

describe('a race between the read and the question', () => {
  it.each([
    ['versions', byVersion],
    ['content', byContent],
  ])('is not taken for an old read, by %s', async (_, source) => {
    const { definition, auditor } = await setUp({
      ...source,
      origin: (id) => caches.after(20, undefined).then(() => read(id)),
    })
    await definition.get('a')
    await caches.clock.advance(10)
    write('a', 'second')
    await caches.settle(definition.invalidate('a'))
    await caches.clock.advance(60_000)
    expect(auditor.report()).toMatchObject({ sampled: 1, audited: 1, overtaken: 1, findings: [] })
    expect(shares(auditor)).toEqual([0, 0, 0])
  })

  it('ends in a finding all the same when the invalidation never comes', async () => {
    const { definition, auditor } = await setUp({ origin: (id) => caches.after(20, undefined).then(() => read(id)) })
    await definition.get('a')
    await caches.clock.advance(10)
    write('a', 'second')
    await caches.clock.advance(1_100)
    expect(shares(auditor)).toEqual([1, 0, 0])
  })

  it('counts from the answer of the origin, not from the read: before, it may still have held the value', async () => {
    const { definition, auditor } = await setUp({ origin: (id) => caches.after(900, undefined).then(() => read(id)) })
    await definition.get('a')
    await caches.clock.advance(850)
    write('a', 'second')
    await caches.clock.advance(900)
    await caches.settle(definition.invalidate('a'))
    await caches.clock.advance(60_000)
    expect(auditor.report()).toMatchObject({ audited: 1, overtaken: 1, findings: [] })
  })

  it('counts a cache that is ahead of the origin as such', async () => {
    const { definition, auditor } = await setUp(byVersion)
    await caches.settle(definition.set('a', { version: 7, changedAt: caches.clock.now(), note: 'not flushed yet' }))
    await definition.get('a')
    await caches.clock.advance(60_000)
    expect(auditor.report()).toMatchObject({ audited: 1, newer: 1, findings: [] })
  })
})

describe('several nodes', () => {
  async function nodes(broken: boolean) {
    const remote = faultyRemote(inProcessRemote(), { seed: 5 })
    const open = async (node: string) => {
      const options: CacheOptions = { node, remote, clock: caches.clock, maxStaleness: '10m' }
      if (!broken) return caches.open({ ...options, maxStaleness: '500ms' })
      const cache = createCacheWithout(['replay'], options)
      await caches.settle(cache.ready())
      return cache
    }
    const [a, b] = [await open('a'), await open('b')]
    return {
      remote,
      a,
      b,
      onA: define(a),
      onB: define(b),
      close: () => caches.settle(Promise.all([a.close(), b.close()])),
    }
  }

  it('without replay: a lost invalidation is found on the node that lost it, with the reason', async () => {
    const { remote, b, onA, onB, close } = await nodes(true)
    await caches.settle(onB.get('a'))
    const auditor = audit(b, onB, byVersion)
    write('a', 'second')
    remote.faults.dropNext('b')
    await caches.settle(onA.invalidate('a'))
    await caches.settle(onA.get('a'))
    await caches.clock.advance(15_000)
    await caches.settle(onB.get('a'))
    await caches.clock.advance(0)
    const [finding] = auditor.report().findings
    expect(finding).toMatchObject({ window: '10s', ageMs: 15_000, exactness: 'exact', log: { applied: 0 } })
    expect(finding?.cause).toEqual({
      code: 'unheard-invalidation',
      text: expect.stringMatching(
        /^the remote tier holds a value of seq 1, this node one of 0; .* applied seq 0, unconfirmed for \d+ ms$/,
      ),
    })
    expect(finding?.inspection.trace).toMatchObject([{ what: 'loaded' }])
    await close()
  })

  it('with the whole protocol: nothing is older than a second, whatever is lost, under concurrent writes', async () => {
    const { remote, a, b, onA, onB, close } = await nodes(false)
    for (const node of ['a', 'b'])
      remote.faults.profile(node, { latency: [0, 5], dropMessage: 0.3, messageDelay: [0, 50], duplicateMessage: 0.1 })
    const limits = { maxPerSecond: 10_000, maxConcurrent: 1_000 }
    const found = [byVersion, byContent].map((source) => audit(b, onB, source, limits))
    found.push(audit(a, onA, byVersion, limits))
    const work: Promise<unknown>[] = []
    for (let step = 0; step < 600; step++) {
      const id = `sheet ${step % 3}`
      if (step % 7 === 0) {
        write(id, `step ${step}`)
        work.push((step % 2 === 0 ? onA : onB).invalidate(id))
      }
      work.push(onA.get(id), onB.get(id))
      await caches.clock.advance(20)
    }
    await caches.settle(Promise.all(work))
    remote.faults.calm()
    await caches.clock.advance(61_000)
    for (const auditor of found) {
      expect(auditor.report()).toMatchObject({ sampled: 600, audited: 600, dropped: 0, errors: 0, findings: [] })
      expect(shares(auditor)).toEqual([0, 0, 0])
    }
    expect(b.stats().log.repairs).toBeGreaterThan(0)
    await close()
  })
})

describe('the reason of a finding', () => {
  const causes = (auditor: ConsistencyAuditor) => auditor.report().findings.map(({ cause }) => cause.code)

  it('is that nobody told the cache', async () => {
    const { definition, auditor } = await setUp(byVersion)
    write('a', 'second')
    await caches.clock.advance(2_000)
    await definition.get('a')
    await caches.clock.advance(0)
    expect(causes(auditor)).toEqual(['not-invalidated'])
  })

  it('is grace, when loading failed and the old value was served instead', async () => {
    const cache = await caches.open()
    let failing = false
    const load = (id: string) => {
      if (failing) throw new Error('the primary is away')
      return read(id)
    }
    const definition = define(cache, { load, ttl: '1s', grace: '1h' })
    await caches.settle(definition.get('a'))
    const auditor = audit(cache, definition, byVersion)
    failing = true
    write('a', 'second')
    await caches.clock.advance(5_000)
    await caches.settle(definition.get('a'))
    await caches.clock.advance(0)
    expect(causes(auditor)).toEqual(['grace'])
  })

  it('is the loader, when it reads what is not true', async () => {
    const cache = await caches.open()
    const replica = read('a')
    write('a', 'second')
    await caches.clock.advance(5_000)
    const definition = define(cache, { load: () => replica })
    const auditor = audit(cache, definition, byVersion)
    await caches.settle(definition.get('a'))
    await definition.get('a')
    await caches.clock.advance(0)
    expect(auditor.report().findings.map(({ tier }) => tier)).toEqual(['origin', 'memory'])
    expect(causes(auditor)).toEqual(['old-load', 'old-load'])
  })

  it('is an invalidation that came too late', async () => {
    const { definition, auditor } = await setUp({ ...byVersion, origin: (id) => caches.after(400, read(id)) })
    write('a', 'second')
    await caches.clock.advance(2_000)
    await definition.get('a')
    await caches.clock.advance(100)
    await caches.settle(definition.invalidate('a'))
    await caches.clock.advance(400)
    expect(auditor.report().findings[0]?.cause).toEqual({
      code: 'late-invalidation',
      text: expect.stringMatching(/^invalidated \(key \(delete\); seq 1 by .*\) 100 ms after the read$/),
    })
  })

  it('is found for reads that never use memory', async () => {
    const cache = await caches.open()
    const definition = define(cache, { freshness: 'remote' })
    await caches.settle(definition.get('a'))
    const auditor = audit(cache, definition, byContent)
    write('a', 'second')
    await caches.settle(definition.get('a'))
    await caches.clock.advance(1_000)
    expect(auditor.report().findings).toMatchObject([
      { tier: 'remote', window: '1s', cause: { code: 'not-invalidated' } },
    ])
  })
})

describe('what the origin has to bear', () => {
  it('is at most maxPerSecond questions in any second; the others are counted', async () => {
    const askedAt: number[] = []
    const origin = (id: string) => {
      askedAt.push(caches.clock.now())
      return read(id)
    }
    const { definition, auditor } = await setUp({ origin }, { maxPerSecond: 4 })
    for (let step = 0; step < 300; step++) {
      await definition.get('a')
      await caches.clock.advance(13)
    }
    for (const at of askedAt)
      expect(askedAt.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(4)
    expect(askedAt.length).toBeGreaterThan(12)
    expect(auditor.report()).toMatchObject({ sampled: 300, audited: askedAt.length, dropped: 300 - askedAt.length })
  })

  it('is at most maxConcurrent at a time, and one that hangs keeps its place after it was given up', async () => {
    let asked = 0
    const signals: AbortSignal[] = []
    const { definition, auditor } = await setUp(
      {
        origin: (_, { signal }) => {
          asked++
          signals.push(signal)
          return new Promise<never>(() => undefined)
        },
      },
      { maxConcurrent: 3, timeout: '2s' },
    )
    for (let step = 0; step < 50; step++) {
      await definition.get('a')
      await caches.clock.advance(100)
    }
    expect(asked).toBe(3)
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    expect(auditor.report()).toMatchObject({ errors: 3, dropped: 47, audited: 0 })
  })

  it('counts its errors, and those of the functions that compare, and throws none', async () => {
    const failure = () => {
      throw new Error('no')
    }
    for (const source of [
      { origin: failure },
      { origin: async () => failure() },
      { origin: read, version: failure },
      { origin: read, equal: failure },
      { origin: read, version: () => Number.NaN },
      { origin: read, changedAt: () => new Date(Number.NaN) },
    ]) {
      const { cache, definition, auditor } = await setUp(source)
      await definition.get('a')
      await caches.clock.advance(1_000)
      expect(auditor.report()).toMatchObject({ sampled: 1, errors: 1, audited: 0, pending: 0 })
      await caches.settle(cache.close())
    }
  })

  it('contains the error of a listener', async () => {
    const errors: string[] = []
    const note = (_: object, message: string) => void errors.push(message)
    const logger: Logger = { debug: note, info: note, warn: () => undefined, error: note }
    const onFinding = () => {
      throw new Error('listener')
    }
    const { definition, auditor } = await setUp(byVersion, { onFinding, logger })
    write('a', 'second')
    await caches.clock.advance(1_000)
    await definition.get('a')
    await caches.clock.advance(0)
    expect(shares(auditor)).toEqual([1, 0, 0])
    expect(errors).toEqual(['a listener to findings failed'])
  })
})

describe('the report', () => {
  it('tells how much a share is worth', async () => {
    const { definition, auditor } = await setUp(byVersion, { maxPerSecond: 1_000, maxConcurrent: 1_000 })
    expect(auditor.report().windows[0]).toMatchObject({ share: undefined, confidence95: undefined })
    for (let count = 0; count < 100; count++) await definition.get('a')
    await caches.clock.advance(0)
    const [low, high] = auditor.report().windows[0]?.confidence95 ?? []
    expect(low).toBe(0)
    expect(high).toBeCloseTo(0.037, 3)
  })

  it('holds no value, nor does the log', async () => {
    const lines: unknown[] = []
    const note = (...line: unknown[]) => void lines.push(line)
    const logger: Logger = { debug: note, info: note, warn: note, error: note }
    write('a', 'SECRET one')
    const { definition, auditor } = await setUp(byContent, { logger })
    write('a', 'SECRET two')
    await definition.get('a')
    await caches.clock.advance(1_000)
    expect(auditor.report().findings).toHaveLength(1)
    expect(lines).toHaveLength(1)
    expect(JSON.stringify([auditor.report(), lines])).not.toContain('SECRET')
  })

  it('keeps the latest findings only, and each definition apart', async () => {
    const { cache, definition, auditor: first } = await setUp(byVersion)
    await caches.settle(first.stop())
    const others = cache.define('other', { key: (id: string) => id, load: (id) => read(id) })
    const unaudited = cache.define('unaudited', { key: (id: string) => id, load: (id) => read(id) })
    await caches.settle(Promise.all([others.get('a'), unaudited.get('a')]))
    const auditor = createConsistencyAuditor(cache, {
      definitions: [audited(definition, byVersion), audited(others, byVersion)],
      ...{ sample: 1, keepFindings: 2, maxConcurrent: 10, clock: caches.clock },
    })
    auditors.push(auditor)
    write('a', 'second')
    await caches.clock.advance(1_000)
    for (const one of [definition, others, others, unaudited]) await one.get('a')
    await caches.clock.advance(0)
    const { sampled, definitions, findings } = auditor.report()
    expect({ sampled, of: Object.entries(definitions).map(([name, one]) => [name, one.sampled]) }).toEqual({
      sampled: 3,
      of: [
        ['sheet', 1],
        ['other', 2],
      ],
    })
    expect(findings.map(({ definition: name }) => name)).toEqual(['other', 'other'])
    expect(first.report().sampled).toBe(0)
  })
})

describe('the end', () => {
  it('comes with stop: nothing is sampled, asked or followed any more, and no timer is left', async () => {
    const cache = await caches.open()
    const definition = define(cache)
    await caches.settle(definition.get('a'))
    const timers = caches.clock.pending
    let aborted = false
    let asked = 0
    const auditor = audit(cache, definition, {
      origin: (_, { signal }) => {
        if (asked++ === 0) return read('a')
        signal.addEventListener('abort', () => {
          aborted = true
        })
        return new Promise<never>(() => undefined)
      },
    })
    await definition.get('a')
    write('a', 'second')
    await caches.clock.advance(0)
    await definition.get('a')
    await caches.clock.advance(0)
    await definition.get('a')
    await auditor.stop()
    await definition.get('a')
    expect({ aborted, asked, timers: caches.clock.pending }).toEqual({ aborted: true, asked: 2, timers })
    expect(auditor.report()).toMatchObject({ sampled: 3, audited: 0, pending: 3, errors: 0 })
  })

  it('comes with the cache', async () => {
    const { cache, definition, auditor } = await setUp(byContent)
    write('a', 'second')
    await definition.get('a')
    await caches.clock.advance(0)
    await caches.settle(cache.close())
    await auditor.stop()
    expect(caches.clock.pending).toBe(0)
  })
})

describe('bad input', () => {
  it.each([
    [{ sample: 0 }, /^sample: expected a share/],
    [{ sample: 2 }, /^sample: expected a share/],
    [{ windows: [] }, /^windows: expected at least one duration/],
    [{ windows: ['10s', '1s'] }, /^windows: expected durations that rise/],
    [{ windows: ['0s'] }, /^windows: expected a duration above 0/],
    [{ windows: ['soon'] }, /^windows: expected a duration/],
    [{ maxPerSecond: 0 }, /^maxPerSecond: expected a whole number from 1/],
    [{ maxConcurrent: 1.5 }, /^maxConcurrent: expected a whole number/],
    [{ timeout: Number.POSITIVE_INFINITY }, /^timeout: expected a duration/],
    [{ definitions: [] }, /^definitions: expected at least one/],
    [{ definitions: [{}] }, /^definitions: expected what audited/],
    [{ onFinding: 1 }, /^onFinding: expected a function/],
    [{ samples: 1 }, /^createConsistencyAuditor.samples: expected one of/],
  ])('is refused by name: %j', async (options, message) => {
    const cache = await caches.open()
    const definition = define(cache)
    const complete = { definitions: [audited(definition, byContent)], ...options } as ConsistencyAuditorOptions
    expect(() => createConsistencyAuditor(cache, complete)).toThrow(message)
  })

  it('is refused: a definition of another cache, or one twice', async () => {
    const [one, two] = [await caches.open(), await caches.open()]
    const [own, foreign] = [audited(define(one), byContent), audited(define(two), byContent)]
    expect(() => createConsistencyAuditor(one, { definitions: [foreign] })).toThrow(/of the cache that is audited/)
    expect(() => createConsistencyAuditor(one, { definitions: [own, own] })).toThrow(/each definition once/)
  })

  it.each([
    [{}, /^audited\('sheet'\): expected origin, or originVersion with version/],
    [{ originVersion: () => 1 }, /^audited\('sheet'\)\.version: expected a function/],
    [{ origin: 1 }, /^audited\('sheet'\)\.origin: expected a function/],
    [{ load: read }, /^audited\('sheet'\)\.load: expected one of/],
  ])('is refused: a source that cannot tell, %j', async (source, message) => {
    const definition = define(await caches.open())
    expect(() => audited(definition, source as TruthSource<[string], Sheet | undefined>)).toThrow(message)
  })
})
