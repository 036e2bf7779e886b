import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createCache } from '../create-cache.js'
import { readTrace } from './read-trace.js'
import { recordTrace } from './record-trace.js'
import { DELETE, READ, WRITE } from './trace.js'
import { TraceError } from './trace-error.js'

const folder = mkdtempSync(join(tmpdir(), 'recorded-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('recording a running cache', () => {
  it('gives a trace of its reads, writes and invalidations, without its keys', async () => {
    await using cache = createCache()
    const path = join(folder, 'requests.csv.gz')
    const recording = recordTrace(cache, path, { sizeOf: (key) => key.length })
    const load = async () => 'value'
    await cache.getOrLoad('secret', load)
    await cache.getOrLoad('secret', load)
    await cache.set('other', 1)
    await cache.invalidate({ key: 'secret', tag: 'none' })
    await cache.getOrLoad('secret', load)
    expect(recording.length).toBe(5)
    await recording.stop()
    await cache.getOrLoad('secret', load)
    const trace = await readTrace(path)
    expect([...trace.keys]).toEqual([0, 0, 1, 0, 0])
    expect([...(trace.kinds ?? [])]).toEqual([READ, READ, WRITE, DELETE, READ])
    expect([...(trace.sizes ?? [])].every((bytes) => bytes > 0)).toBe(true)
  })

  it('ends by itself after as many steps as it was given', async () => {
    await using cache = createCache()
    const path = join(folder, 'few.csv')
    const recording = recordTrace(cache, path, { requests: 3 })
    for (let read = 0; read < 10; read++) await cache.getOrLoad(`key ${read}`, async () => read)
    await recording.stop()
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(4)
  })

  it('records all or none of the steps of a key when it takes a sample', async () => {
    await using cache = createCache()
    const path = join(folder, 'sample.csv')
    const recording = recordTrace(cache, path, { sample: 0.3 })
    for (let read = 0; read < 400; read++) await cache.getOrLoad(`key ${read % 100}`, async () => read)
    await recording.stop()
    const trace = await readTrace(path)
    expect(trace.distinct).toBeGreaterThan(5)
    expect(trace.distinct).toBeLessThan(70)
    expect(trace.keys.length).toBe(4 * trace.distinct)
  })

  it('tells whoever stops it that the file could not be written', async () => {
    await using cache = createCache()
    const path = join(folder, 'full.csv')
    symlinkSync('/dev/full', path)
    const recording = recordTrace(cache, path)
    await cache.getOrLoad('key', async () => 1)
    await expect(recording.stop()).rejects.toThrow('ENOSPC')
  })

  it.each([
    [join('no', 'such', 'folder.csv'), /folder\.csv: cannot be written: ENOENT/],
    ['requests.txt', /requests\.txt: expected a name that ends with \.csv or \.csv\.gz/],
    ['requests.csv.zst', /requests\.csv\.zst: expected a name that ends with \.csv or \.csv\.gz/],
  ])('refuses at once to record to %s, and listens to nothing', (name, message) => {
    const listened: string[] = []
    const cache = { on: (type: string) => () => listened.push(type) }
    expect(() => recordTrace(cache, join(folder, name))).toThrow(TraceError)
    expect(() => recordTrace(cache, join(folder, name))).toThrow(message)
    expect(listened).toEqual([])
  })

  it('refuses options that are none', () => {
    const cache = { on: () => () => undefined }
    expect(() => recordTrace(cache, 'never.csv', { sample: 0 })).toThrow('sample: expected a number above 0')
    expect(() => recordTrace(cache, 'never.csv', { requests: 1.5 })).toThrow('requests: expected a whole number')
    expect(() => recordTrace(cache, 'never.csv', { rate: 1 } as never)).toThrow(/^recordTrace\.rate: .*unknown option$/)
  })
})
