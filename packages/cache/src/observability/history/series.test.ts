import { describe, expect, it } from 'vitest'
import { packChunk, unpackChunk } from './chunk.js'
import { FrameSum } from './frame.js'
import { encodeFrame } from './frame-codec.js'
import { type Chunk, LoadedHistory, shapeFor, shapeOf } from './loaded-history.js'
import { SERIES, Series } from './series.js'
import { slope, trendsOf } from './trends.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 5)

function counted(loads: number, memoryHits = 0): FrameSum {
  const sum = new FrameSum()
  for (const counters of [sum.of('room'), sum.total]) Object.assign(counters, { loads, misses: loads, memoryHits })
  return sum
}

describe('a series', () => {
  it.each(SERIES)('of $resolution keeps its last $kept intervals and no more', (shape) => {
    const series = new Series(shape)
    for (let i = 1; i <= shape.kept + 50; i++) series.add(counted(1), START + i * shape.widthMs, shape.widthMs)
    const frames = series.frames()
    expect(Math.abs(frames.length - shape.kept)).toBeLessThanOrEqual(1)
    expect(frames.at(-1)?.at).toBe(START + (shape.kept + 49) * shape.widthMs)
    expect(frames.every(({ at }) => at % shape.widthMs === 0)).toBe(true)
  })

  it('adds up what falls into one interval, and leaves out time in which nothing was recorded', () => {
    const series = new Series(shapeOf('10s'))
    series.add(counted(1), START + 1_000, 1_000)
    series.add(counted(2), START + 10_000, 1_000)
    series.add(counted(4), START + 60_500, 500)
    const history = historyOf(series)
    expect(history.slots('10s').map(({ at, durationMs }) => [at - START, durationMs])).toEqual([
      [0, 2_000],
      [60_000, 500],
    ])
    expect(history.between(shapeOf('10s'), START, START + 120_000).sum.total.loads).toBe(7)
  })

  it('takes a sample into the interval that it was counted in, although timers fire late', () => {
    const series = new Series(shapeOf('1s'))
    const late = [3, 0, 1, 0, 2]
    for (const [i, lateMs] of late.entries()) {
      const now = START + (i + 1) * 1_000 + lateMs
      series.add(counted(1), now, 1_000 + lateMs - (late[i - 1] ?? 0))
    }
    const slots = historyOf(series).slots('1s')
    expect(slots.map(({ at }) => at - START)).toEqual([0, 1_000, 2_000, 3_000, 4_000])
  })

  it('survives being packed and unpacked, and a damaged chunk is refused', () => {
    const series = new Series(shapeOf('1s'))
    for (let i = 1; i <= 5; i++) series.add(counted(i), START + i * 1_000, 1_000)
    const packed = packChunk(series.frames())
    expect(unpackChunk(packed).map(({ at }) => at)).toEqual(series.frames().map(({ at }) => at))
    expect(() => unpackChunk(packed.subarray(0, packed.length - 3))).toThrow()
    expect(() => unpackChunk(Uint8Array.of(1, 2, 3))).toThrow()
  })
})

function historyOf(series: Series): LoadedHistory {
  const slots = series.frames().map((frame) => ({ ...frame, nodes: 1 }))
  const chunk: Chunk = { start: slots[0]?.at ?? 0, nodes: ['n'], slots, sum: undefined }
  return new LoadedHistory(START + 120_000, new Map([[series.shape.resolution, [chunk]]]))
}

describe('a window', () => {
  it('is read from the finest series that reaches so far', () => {
    expect([60_000, 600_000, 600_001, 2 * HOUR, DAY, 30 * DAY].map((ms) => shapeFor(ms).resolution)).toEqual([
      '1s',
      '1s',
      '10s',
      '10s',
      '5m',
      '5m',
    ])
  })
})

describe('trends', () => {
  it('compare the last hour with the same hour yesterday, and fit a line through it', () => {
    const now = START + 2 * DAY
    const slot = (at: number, loads: number, hits: number) => ({
      at,
      durationMs: 300_000,
      nodes: 1,
      bytes: encodeFrame({ at, durationMs: 300_000 }, counted(loads, hits), true),
    })
    const slots = Array.from({ length: 12 }, (_, i) => slot(now - DAY - HOUR + i * 300_000, 30, 70)).concat(
      Array.from({ length: 12 }, (_, i) => slot(now - HOUR + i * 300_000, 10 + i, 90 - i)),
    )
    const chunks: Chunk[] = [{ start: slots[0]?.at ?? 0, nodes: ['n'], slots, sum: undefined }]
    const trends = trendsOf(new LoadedHistory(now, new Map([['5m', chunks]])), undefined)
    const hitRate = trends.find(({ figure }) => figure === 'hitRate')
    expect(hitRate?.yesterday).toBeCloseTo(0.7, 9)
    expect(hitRate?.now).toBeCloseTo(0.845, 9)
    expect(hitRate?.change).toBeCloseTo(0.145 / 0.7, 9)
    // One hundredth less in every 5 minutes.
    expect(hitRate?.slopePerHour).toBeCloseTo(-0.12, 9)
    expect(trends.find(({ figure }) => figure === 'responseP95Ms')).toMatchObject({ now: null, change: null })
  })

  it('have no direction before half an hour is over', () => {
    const at = (minutes: number) => START + minutes * 60_000
    const slots = [0, 5, 10, 15, 20, 25].map((minutes) => ({
      at: at(minutes),
      durationMs: 300_000,
      nodes: 1,
      bytes: encodeFrame({ at: at(minutes), durationMs: 300_000 }, counted(minutes, 100), true),
    }))
    const slopeAt = (minutes: number) => {
      const chunk: Chunk = {
        start: START,
        nodes: ['n'],
        slots: slots.filter((s) => s.at < at(minutes)),
        sum: undefined,
      }
      const trends = trendsOf(new LoadedHistory(at(minutes), new Map([['5m', [chunk]]])), undefined)
      return trends.find(({ figure }) => figure === 'hitRate')?.slopePerHour
    }
    expect(slopeAt(12)).toBeNull()
    expect(slopeAt(29), 'the interval under way is not yet one').toBeNull()
    expect(slopeAt(30)).toBeLessThan(0)
  })

  it('need two points for a line', () => {
    expect(slope([[1, 1]])).toBeNull()
    expect(
      slope([
        [1, 1],
        [3, 5],
      ]),
    ).toBe(2)
  })
})
