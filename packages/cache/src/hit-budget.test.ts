import { type HeapProfiler, type Profiler, Session } from 'node:inspector'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cache } from './cache.js'
import { createCache } from './create-cache.js'

const MAX_FILES = 5
const MAX_FUNCTIONS = 10

/** Functions of the library that ran during `work`, as V8 counted them. */
function ranDuring(work: () => unknown): { files: string[]; functions: string[] } {
  const session = new Session()
  session.connect()
  try {
    session.post('Profiler.enable')
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    let taken: Profiler.ScriptCoverage[] = []
    session.post('Profiler.takePreciseCoverage')
    work()
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error
      taken = result
    })
    const ours = taken.filter(({ url }) => url.includes('/packages/cache/src/') && !url.endsWith('.test.ts'))
    const ran = ours.map(({ url, functions }) => ({
      file: url.slice(url.indexOf('/src/') + 5),
      functions: functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0).map(({ functionName }) => functionName),
    }))
    return {
      files: ran.filter(({ functions }) => functions.length > 0).map(({ file }) => file),
      functions: ran.flatMap(({ file, functions }) => functions.map((name) => `${file} ${name}`)),
    }
  } finally {
    session.disconnect()
  }
}

/**
 * Bytes that a call of `work` allocates, by V8's sampling of its heap: every 64 bytes or so, what was collected
 * included.
 */
function allocatedBy(work: () => unknown, calls: number): number {
  const session = new Session()
  session.connect()
  try {
    session.post('HeapProfiler.enable')
    const options = {
      samplingInterval: 64,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    }
    session.post('HeapProfiler.startSampling', options)
    for (let call = 0; call < calls; call++) work()
    let bytes = 0
    session.post('HeapProfiler.stopSampling', (error, { profile }) => {
      if (error !== null) throw error
      const sum = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number =>
        selfSize + children.reduce((total, child) => total + sum(child), 0)
      bytes = sum(profile.head)
    })
    return bytes / calls
  } finally {
    session.disconnect()
  }
}

describe('a warm memory hit', () => {
  let cache: Cache
  const reads: Record<string, () => unknown> = {}

  beforeAll(async () => {
    cache = createCache({ memory: { maxEntries: 10_000 } })
    await cache.ready()
    const rooms = cache.define('room', { key: (id: string) => id, load: (id) => ({ id }) })
    const loader = () => ({ loaded: true })
    reads['definition.get'] = () => rooms.get('r1')
    reads['definition.peek'] = () => rooms.peek('r1')
    reads['cache.getOrLoad'] = () => cache.getOrLoad('a', loader)
    reads['cache.get'] = () => cache.get('a')
    reads['cache.peek'] = () => cache.peek('a')
    // Peeked at last: what they look at has been loaded by then.
    for (let read = 0; read < 20; read++) for (const one of Object.values(reads)) await one()
  })
  afterAll(() => cache.close())

  const names = ['definition.get', 'definition.peek', 'cache.getOrLoad', 'cache.get', 'cache.peek']
  it.each(names)(`touches at most ${MAX_FILES} files and ${MAX_FUNCTIONS} functions: %s`, async (name) => {
    // In a turn of its own, so that it is no part of a burst and reads the clock.
    await new Promise((resolve) => setImmediate(resolve))
    const { files, functions } = ranDuring(() => reads[name]?.())
    expect(files).toContain('clock.ts')
    expect(functions.length, functions.join(', ')).toBeGreaterThan(2)
    expect(functions.length, functions.join(', ')).toBeLessThanOrEqual(MAX_FUNCTIONS)
    expect(files.length, files.join(', ')).toBeLessThanOrEqual(MAX_FILES)
  })

  it.each(['definition.get', 'cache.getOrLoad', 'cache.get'])(
    'allocates nothing, not even a promise: %s',
    async (name) => {
      const read = reads[name] as () => unknown
      const hits = cache.stats().total.memoryHits
      let calls = 0
      const counted = () => {
        calls++
        return read()
      }
      // V8 compiles what runs often, when it finds the time; only then are the arguments of a call no array.
      let least = Number.POSITIVE_INFINITY
      for (let attempt = 0; attempt < 20 && least >= 8; attempt++) {
        for (let warm = 0; warm < 20; warm++) {
          for (let call = 0; call < 5_000; call++) counted()
          await new Promise((resolve) => setImmediate(resolve))
        }
        least = Math.min(least, allocatedBy(counted, 20_000))
      }
      expect(least).toBeLessThan(8)
      expect(cache.stats().total.memoryHits - hits).toBe(calls)
    },
  )

  it('would be seen to allocate a promise, or to run more functions', () => {
    expect(allocatedBy(() => Promise.resolve({}), 20_000)).toBeGreaterThan(40)
    expect(ranDuring(() => cache.getMany(['nowhere'])).functions.length).toBeGreaterThan(MAX_FUNCTIONS)
  })
})
