import { describe, expect, it } from 'vitest'
import { CompressionChoice, type Compressor } from './compression-choice.js'

/** Compressors that keep a given share of the bytes and take a given time, on a clock of their own. */
function setUp(...candidates: readonly { name: string; ratio: number; nsPerByte: number }[]) {
  const clock = { now: 0 }
  const calls: string[] = []
  const behaviour = candidates.map((one) => ({ ...one }))
  const compressors = behaviour.map((one, index): Compressor => {
    return {
      id: index + 1,
      name: one.name,
      compress(bytes) {
        calls.push(one.name)
        clock.now += (one.nsPerByte * bytes.length) / 1e6
        return bytes.subarray(0, Math.ceil(bytes.length * one.ratio))
      },
      decompress: (bytes) => bytes,
    }
  })
  const choice = new CompressionChoice(compressors, () => clock.now)
  const value = new Uint8Array(10_000)
  const packMany = (count: number, kind = 'room') => {
    for (let at = 0; at < count; at++) choice.pack(value, kind)
  }
  return { choice, calls, behaviour, value, packMany }
}

const fast = { name: 'fast', ratio: 0.5, nsPerByte: 4 }
const small = { name: 'small', ratio: 0.3, nsPerByte: 40 }
const best = { name: 'best', ratio: 0.35, nsPerByte: 3 }

describe('compression by measurement', () => {
  it('begins with the first candidate', () => {
    const { choice, value } = setUp(fast, best)
    expect(choice.pack(value, 'room')?.compressor.name).toBe('fast')
    expect(choice.figures('room').chosen).toBe('fast')
  })

  it('stays with what costs least in time and bytes taken together', () => {
    const { choice, packMany } = setUp(fast, small)
    packMany(1_000)
    expect(choice.figures('room').chosen).toBe('fast')
    expect(choice.figures('room').measured.map(({ name }) => name)).toEqual(['fast', 'small'])
  })

  it('goes over to a better candidate once it has been tried', () => {
    const { choice, packMany, value } = setUp(fast, small, best)
    packMany(800)
    expect(choice.pack(value, 'room')?.compressor.name).toBe('best')
  })

  it('tries others with few values only', () => {
    const { calls, packMany } = setUp(fast, small)
    packMany(6_400)
    expect(calls.filter((name) => name === 'small').length).toBeLessThanOrEqual(400)
  })

  it('leaves a kind alone whose values do not become smaller, and looks again now and then', () => {
    const { choice, calls, behaviour, packMany, value } = setUp({ ...fast, ratio: 0.95 })
    packMany(1)
    expect(choice.figures('room').chosen).toBe('none')
    calls.length = 0
    packMany(640)
    expect(calls.length).toBeLessThanOrEqual(60)
    behaviour[0]!.ratio = 0.4
    packMany(640)
    expect(choice.pack(value, 'room')?.compressor.name).toBe('fast')
  })

  it('leaves a kind alone when compressing takes longer than the saved bytes are worth', () => {
    const { choice, packMany, value } = setUp(small)
    packMany(20)
    expect(choice.pack(value, 'room')).toBeUndefined()
  })

  it('tells kinds apart, up to a bound', () => {
    const { choice, packMany, value } = setUp(fast)
    for (let at = 0; at < 2_000; at++) packMany(1, `kind ${at}`)
    expect(choice.figures('kind 0').measured).toHaveLength(1)
    expect(choice.figures('kind 1999').measured).toHaveLength(0)
    expect(choice.pack(value, 'kind 1999')?.compressor.name).toBe('fast')
  })

  it('stores a single value as it is when that one does not become smaller', () => {
    const { choice, behaviour, packMany, value } = setUp(fast)
    packMany(20)
    behaviour[0]!.ratio = 0.99
    expect(choice.pack(value, 'room')).toBeUndefined()
    behaviour[0]!.ratio = 0.5
    expect(choice.pack(value, 'room')?.compressor.name).toBe('fast')
  })

  it('does nothing without candidates', () => {
    expect(setUp().choice.pack(new Uint8Array(10_000), 'room')).toBeUndefined()
  })
})
