import { describe, expect, it } from 'vitest'
import { memoryEntry } from './testing/memory-entry.js'
import { WarmEntries, type WarmIndex } from './warm-entries.js'

describe('warm entries', () => {
  it('are found by their keys until they end, and hold nothing afterwards', () => {
    const all = new WarmEntries(10)
    const index: WarmIndex = new Map()
    const entry = memoryEntry('a')
    const warm = all.warm(index, 'a', entry)
    expect(index.get('a')).toBe(warm)
    expect(entry.shortcut).toBe(warm)
    entry.shortcut?.end()
    expect([...index.keys()]).toEqual([])
    expect([warm?.entry, warm?.answer, entry.shortcut, all.size]).toEqual([undefined, undefined, undefined, 0])
  })

  it('are the same as long as the entry is, and not made under a second name', () => {
    const all = new WarmEntries(10)
    const [own, other]: WarmIndex[] = [new Map(), new Map()]
    const entry = memoryEntry('a')
    const warm = all.warm(own as WarmIndex, 1, entry)
    expect(all.warm(own as WarmIndex, 1, entry)).toBe(warm)
    expect(all.warm(other as WarmIndex, 'n:1', entry)).toBeUndefined()
    expect(other?.size).toBe(0)
  })

  it('use the room of those that have ended before anything else', () => {
    const all = new WarmEntries(2)
    const index: WarmIndex = new Map()
    const [a, b] = [memoryEntry('a'), memoryEntry('b')]
    all.warm(index, 'a', a)
    all.warm(index, 'b', b)
    a.shortcut?.end()
    expect(all.warm(index, 'c', memoryEntry('c'))).toBeDefined()
    expect([...index.keys()].sort()).toEqual(['b', 'c'])
  })

  it('let one newcomer in eight take the place of another when there is no room', () => {
    const all = new WarmEntries(4)
    const index: WarmIndex = new Map()
    const entries = Array.from({ length: 4 + 16 }, (_, at) => memoryEntry(at))
    const admitted = entries.filter((entry, at) => all.warm(index, at, entry) !== undefined)
    expect(admitted).toHaveLength(4 + 2)
    expect(all.size).toBe(4)
    expect(entries.filter(({ shortcut }) => shortcut !== undefined)).toHaveLength(4)
    expect([...index.values()].every(({ entry, warmKey }) => entry?.value === warmKey)).toBe(true)
  })
})
