import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readTrace } from './read-trace.js'
import { DELETE, READ, type Trace, WRITE } from './trace.js'
import { TraceBuilder } from './trace-builder.js'
import { writeTrace } from './write-trace.js'

const folder = mkdtempSync(join(tmpdir(), 'traces-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
/** A file of its own, with that content. */
function file(ending: string, content: string | Uint8Array): string {
  const path = join(folder, `${files++}${ending}`)
  writeFileSync(path, content)
  return path
}

const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer)

function oracleRecord(time: number, key: bigint, size: number, next: bigint): Buffer {
  const record = Buffer.alloc(24)
  record.writeUInt32LE(time, 0)
  record.writeBigUInt64LE(key, 4)
  record.writeUInt32LE(size, 12)
  record.writeBigInt64LE(next, 16)
  return record
}

const keysOf = async (path: string) => [...(await readTrace(path)).keys]

describe('reading a trace', () => {
  it('numbers the keys of a .u32 file in order of appearance, whatever they are', async () => {
    expect(await keysOf(file('.u32', u32(7, 4_294_967_295, 7, 0)))).toEqual([0, 1, 0, 2])
  })

  it('reads compressed files', async () => {
    expect(await keysOf(file('.u32.gz', gzipSync(u32(1, 2, 1))))).toEqual([0, 1, 0])
  })

  it('reads .zst where node:zlib can, and says what is missing where it cannot', async () => {
    const { zstdCompressSync } = zlib as { zstdCompressSync?: (data: Uint8Array) => Uint8Array }
    if (zstdCompressSync === undefined) {
      await expect(readTrace(file('.u32.zst', u32(1)))).rejects.toThrow('needs Node.js 22.15 or newer')
    } else {
      expect(await keysOf(file('.u32.zst', zstdCompressSync(u32(1, 2, 1))))).toEqual([0, 1, 0])
    }
  })

  it('asks for every block of a line of an ARC trace', async () => {
    expect(await keysOf(file('.lis', '100 3 0 0\r\n101 1 0 1\n\n'))).toEqual([0, 1, 2, 1])
  })

  it('leaves out the marks of a LIRS trace', async () => {
    expect(await keysOf(file('.trc', '5\n*\n9007199254740991\n5\n*'))).toEqual([0, 1, 0])
  })

  it('takes times and sizes, and all 64 bits of a key, from an oracleGeneral file', async () => {
    const records = [
      oracleRecord(10, 2n ** 63n + 1n, 500, 2n),
      oracleRecord(11, 1n, 70, -1n),
      oracleRecord(12, 2n ** 63n + 1n, 500, 2n ** 63n - 1n),
    ]
    const trace = await readTrace(file('.oracleGeneral', Buffer.concat(records)))
    expect([...trace.keys]).toEqual([0, 1, 0])
    expect([...(trace.sizes ?? [])]).toEqual([500, 70, 500])
    expect([...(trace.times ?? [])]).toEqual([10_000, 11_000, 12_000])
  })

  it('finds the columns of a CSV file by their names', async () => {
    const text =
      'ignored,timestamp,TTL,obj_id,value_size,op\nx,1.5,60,"a,""b""",10,get\nx,2,,c,20,set\nx,3,0,"a,""b""",,delete\n'
    const trace = await readTrace(file('.csv', text))
    expect([...trace.keys]).toEqual([0, 1, 0])
    expect([...(trace.times ?? [])]).toEqual([1_500, 2_000, 3_000])
    expect([...(trace.ttls ?? [])]).toEqual([60_000, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
    expect([...(trace.sizes ?? [])]).toEqual([10, 20, 1])
    expect([...(trace.kinds ?? [])]).toEqual([READ, WRITE, DELETE])
  })

  it('takes a CSV file of one column without a name for keys', async () => {
    expect(await keysOf(file('.csv', 'a\nb\na'))).toEqual([0, 1, 0])
  })

  it('takes the columns of a CSV file from whoever knows them', async () => {
    const trace = await readTrace(file('.csv', '1,k,5\n2,k,5\n'), { columns: ['time', 'key', 'size'] })
    expect(trace).toMatchObject({ distinct: 1, sizes: Uint32Array.of(5, 5) })
  })

  it('ends early when asked to, also within a record', async () => {
    const trace = await readTrace(file('.u32', Buffer.concat([u32(1, 2, 1, 3), Buffer.of(9)])), { limit: 3 })
    expect([...trace.keys]).toEqual([0, 1, 0])
    expect(trace.distinct).toBe(2)
  })

  it('does not let time run backwards', async () => {
    const trace = await readTrace(file('.csv', 'time,key\n5,a\n4,a\n6,a'))
    expect([...(trace.times ?? [])]).toEqual([5_000, 5_000, 6_000])
  })
})

describe('a file that is no trace', () => {
  const cases: [what: string, ending: string, content: string | Uint8Array, message: RegExp][] = [
    ['ends within a number', '.u32', Buffer.concat([u32(1), Buffer.of(1, 2)]), /byte 4: .*expected 4 bytes, got 2/],
    ['is empty', '.u32', '', /the file holds no request/],
    [
      'ends within a record',
      '.oracleGeneral',
      Buffer.alloc(30).fill(255, 16, 24),
      /byte 24: .*expected 24 bytes, got 6/,
    ],
    [
      'is of another kind than its name says',
      '.oracleGeneral',
      oracleRecord(0, 1n, 1, -2n),
      /byte 0: request 0 .*at request -2: expected a later one, or -1/,
    ],
    [
      'has a line that is no block',
      '.trc',
      '12\n-3\n',
      /byte 3: line 2: expected a whole number of at least 0, got "-3"/,
    ],
    ['has a line of too few columns', '.lis', '1 1 0 0\n17\n', /byte 8: line 2: expected 'first-block blocks/],
    ['asks for no block', '.lis', '1 0 0 0\n', /line 1: expected 1 to 1048576 blocks, got 0/],
    ['holds no line', '.lirs', '\n\n', /the file holds no request/],
    ['has a line that never ends', '.lirs', 'x'.repeat(70_000), /longer than 65536 characters: this is not text/],
    [
      'has no column of keys',
      '.csv',
      'time,size\n1,2',
      /expected a first line that names the columns, among them 'key'/,
    ],
    ['has a row that is too short', '.csv', 'key,size\na,1\nb\n', /byte 13: line 3: expected 2 fields, got 1: "b"/],
    [
      'has a size that is none',
      '.csv',
      'key,size\na,big\n',
      /byte 9: line 2: size: expected a number of at least 0, got "big"/,
    ],
    ['has an operation that is none', '.csv', 'key,op\na,jump\n', /op: expected get, set or delete, got "jump"/],
    ['has a quote without an end', '.csv', 'key,size\n"a,1\n', /line 2: a quote that does not end a field/],
    ['has lifetimes without times', '.csv', 'key,ttl\na,5\n', /a column 'ttl' needs a column 'time'/],
    [
      'is not compressed',
      '.u32.gz',
      u32(1, 2, 3),
      /damaged or cut off: expected gzip data, got 'incorrect header check'/,
    ],
    ['is cut off', '.u32.gz', gzipSync(u32(1, 2, 3, 4)).subarray(0, -9), /damaged or cut off: expected gzip data/],
    ['has a name that tells nothing', '.bin', u32(1), /unknown format: expected a name that ends with \.u32/],
  ]
  it.each(cases)('is refused with its place when it %s', async (_what, ending, content, message) => {
    const path = file(ending, content)
    const error = await readTrace(path).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'TraceError', code: 'invalid-trace', source: path })
    expect((error as Error).message).toMatch(message)
  })

  it('is refused when it is not there, or is a folder', async () => {
    await expect(readTrace(join(folder, 'none.u32'))).rejects.toThrow('there is no such file')
    await expect(readTrace(folder, { format: 'u32' })).rejects.toThrow('this is a folder')
  })

  it('is read or refused with a TraceError, whatever bytes it holds', async () => {
    const formats = fc.constantFrom('u32', 'arc', 'lirs', 'oracle', 'csv')
    await fc.assert(
      fc.asyncProperty(formats, fc.uint8Array({ maxLength: 200 }), async (format, bytes) => {
        const outcome = await readTrace(file('.any', bytes), { format }).catch((error: unknown) => error)
        if (outcome instanceof Error) expect(outcome.name).toBe('TraceError')
        else expect((outcome as Trace).distinct).toBeLessThanOrEqual((outcome as Trace).keys.length)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a trace that is written and read again', () => {
  const steps = fc.array(
    fc.record({
      key: fc.nat(50),
      kind: fc.constantFrom(READ, READ, WRITE, DELETE),
      bytes: fc.nat(4_000_000_000),
      seconds: fc.nat(5),
      ttlMs: fc.constantFrom(1_000, 250, Number.POSITIVE_INFINITY),
    }),
    { minLength: 1, maxLength: 100 },
  )

  function traceOf(
    records: readonly { key: number; kind: number; bytes: number; seconds: number; ttlMs: number }[],
  ): Trace {
    const builder = new TraceBuilder({ kinds: true, sizes: true, times: true, ttls: true })
    const numbers = new Map<number, number>()
    let timeMs = 0
    for (const { key, seconds, ...step } of records) {
      timeMs += seconds * 1_000
      if (!numbers.has(key)) numbers.set(key, numbers.size)
      builder.add(numbers.get(key) ?? 0, { ...step, timeMs })
    }
    return builder.finish('random', numbers.size)
  }

  it('is the same as .csv, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom('.csv', '.csv.gz'), async (records, ending) => {
        const trace = traceOf(records)
        const path = file(ending, '')
        await writeTrace(trace, path)
        expect(await readTrace(path)).toEqual({ ...trace, name: path })
      }),
      { numRuns: 50 },
    )
  })

  it('has the same reads as .oracleGeneral and .u32', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (records) => {
        const reads = records.map((record) => ({ ...record, kind: READ }))
        const trace = traceOf(reads)
        const oracle = file('.oracleGeneral', '')
        await writeTrace(trace, oracle)
        const { name: _name, kinds: _kinds, ttls: _ttls, ...columns } = trace
        expect(await readTrace(oracle)).toEqual({ ...columns, name: oracle })
        const plain = file('.u32', '')
        await writeTrace(trace, plain)
        expect(await readTrace(plain)).toEqual({ name: plain, keys: trace.keys, distinct: trace.distinct })
      }),
      { numRuns: 50 },
    )
  })

  it('is not written under a name that tells no format', async () => {
    const trace = traceOf([{ key: 1, kind: READ, bytes: 1, seconds: 0, ttlMs: 1_000 }])
    await expect(writeTrace(trace, join(folder, 'trace.lis'))).rejects.toThrow('expected a name that ends with .u32')
  })
})
