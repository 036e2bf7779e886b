import { describe, expect, it } from 'vitest'
import type { MemoryEntry } from './entry.js'
import { memoryEntry } from './testing/memory-entry.js'
import { type Finding, WarmEntries, type WarmIndex, type WarmKey } from './warm-entries.js'

function finding(value: unknown): Finding {
  return { until: 100, slot: 7, value, answer: Promise.resolve(value) }
}

/** Makes an entry warm, as the read path does; its place. */
function warm(all: WarmEntries, index: WarmIndex, warmKey: WarmKey, entry: MemoryEntry): number | undefined {
  const place = all.placeOf(entry, `full:${warmKey}`, index, warmKey)
  if (place !== undefined) all.put(place, finding(entry.value))
  return place
}

/** As {@link warm}, where there is room. */
function made(...args: Parameters<typeof warm>): number {
  const place = warm(...args)
  expect(place).toBeDefined()
  return place as number
}

/** As a read judges the finding in a place. */
function stands(all: WarmEntries, place: number, tick: number, stamp = all.stamp): boolean {
  if (stamp !== all.stamp) all.voidAll(stamp)
  return tick < (all.untils[place] as number)
}

describe('warm entries', () => {
  it('are found by their keys until they end, and hold nothing afterwards', () => {
    const all = new WarmEntries(10)
    const index: WarmIndex = new Map()
    const entry = memoryEntry('a')
    const place = made(all, index, 'a', entry)
    expect(index.get('a')).toBe(place)
    expect(entry.shortcut).toBeDefined()
    expect([all.keyAt(place), all.slots[place], all.values[place]]).toEqual(['full:a', 7, 'a'])
    entry.shortcut?.end()
    expect([...index.keys()]).toEqual([])
    expect(stands(all, place, 0)).toBe(false)
    const held = [all.values[place], all.answers[place], all.keyAt(place), entry.shortcut, all.size]
    expect(held).toEqual([undefined, undefined, '', undefined, 0])
  })

  it('stand until their time has come', () => {
    const all = new WarmEntries(10)
    const place = made(all, new Map(), 'a', memoryEntry('a'))
    expect(stands(all, place, 99)).toBe(true)
    expect(stands(all, place, 100)).toBe(false)
  })

  it('are all void when what entries are judged by changes, and stand again one by one when they are found again', () => {
    const all = new WarmEntries(10)
    const index: WarmIndex = new Map()
    const [a, b] = [made(all, index, 'a', memoryEntry('a')), made(all, index, 'b', memoryEntry('b'))]
    expect([stands(all, a, 0, 1), stands(all, b, 0, 1)]).toEqual([false, false])
    all.put(a, finding('a'))
    expect([stands(all, a, 0, 1), stands(all, b, 0, 1)]).toEqual([true, false])
  })

  it('keep their findings when more places are needed', () => {
    const all = new WarmEntries(1_000)
    const index: WarmIndex = new Map()
    const places = Array.from({ length: 1_000 }, (_, at) => made(all, index, at, memoryEntry(at)))
    expect(places.every((place, at) => stands(all, place, 0) && all.values[place] === at)).toBe(true)
  })

  it('are the same as long as the entry is, and not made under a second name', () => {
    const all = new WarmEntries(10)
    const [own, other]: WarmIndex[] = [new Map(), new Map()]
    const entry = memoryEntry('a')
    const place = made(all, own as WarmIndex, 1, entry)
    expect(warm(all, own as WarmIndex, 1, entry)).toBe(place)
    expect(warm(all, other as WarmIndex, 'n:1', entry)).toBeUndefined()
    expect(other?.size).toBe(0)
  })

  it('use the room of those that have ended before anything else', () => {
    const all = new WarmEntries(2)
    const index: WarmIndex = new Map()
    const [a, b] = [memoryEntry('a'), memoryEntry('b')]
    warm(all, index, 'a', a)
    warm(all, index, 'b', b)
    a.shortcut?.end()
    expect(warm(all, index, 'c', memoryEntry('c'))).toBeDefined()
    expect([...index.keys()].sort()).toEqual(['b', 'c'])
  })

  it('let one newcomer in eight take the place of another when there is no room', () => {
    const all = new WarmEntries(4)
    const index: WarmIndex = new Map()
    const entries = Array.from({ length: 4 + 16 }, (_, at) => memoryEntry(at))
    const admitted = entries.filter((entry, at) => warm(all, index, at, entry) !== undefined)
    expect(admitted).toHaveLength(4 + 2)
    expect(all.size).toBe(4)
    expect(entries.filter(({ shortcut }) => shortcut !== undefined)).toHaveLength(4)
    expect([...index].every(([warmKey, place]) => all.values[place] === warmKey)).toBe(true)
  })
})
