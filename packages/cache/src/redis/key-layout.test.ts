import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyLayout } from './key-layout.js'

/** What Redis Cluster hashes of a key (Cluster specification, "Hash tags"). */
function hashed(key: string): string {
  const open = key.indexOf('{')
  const close = open < 0 ? -1 : key.indexOf('}', open + 1)
  return close > open + 1 ? key.slice(open + 1, close) : key
}

const anyKey = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('{', '}', '.', ':', '*', 'a', '\0', '@') }),
)
const layout = keyLayout('ns', 0)

describe('key layout', () => {
  it('puts value, lease and waiting marker of any key into one slot', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(hashed(layout.lease(key))).toBe(hashed(layout.value(key)))
        expect(hashed(layout.waiting(key))).toBe(hashed(layout.value(key)))
        expect(hashed(layout.value(key))).not.toBe(layout.value(key))
      }),
    )
  })

  it('gives no two things the same name', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        const names = [layout.head, layout.stream, layout.tags, layout.probe]
        for (const key of new Set([one, other])) names.push(layout.value(key), layout.lease(key), layout.waiting(key))
        expect(new Set(names).size).toBe(names.length)
      }),
    )
  })

  it('finds the key in the name again', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(layout.keyOfValue(layout.value(key))).toBe(key)
        expect(layout.keyOfWaiting(layout.waiting(key))).toBe(key)
        expect(layout.keyOfValue(layout.lease(key))).toBeUndefined()
      }),
    )
    expect(layout.keyOfValue('other:v:{.key}')).toBeUndefined()
  })

  it('puts all of the log into one slot, under the namespace', () => {
    for (const name of [layout.head, layout.stream, layout.tags, layout.probe]) {
      expect(hashed(name)).toBe('ns')
      expect(name.startsWith('ns:')).toBe(true)
    }
  })

  it('names the channels of each database, which Redis does not keep apart', () => {
    expect(keyLayout('ns', 3).logChannel).not.toBe(layout.logChannel)
    expect(keyLayout('ns', 3).fillChannel).not.toBe(layout.fillChannel)
  })
})
