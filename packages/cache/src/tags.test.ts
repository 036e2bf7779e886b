import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry, MemoryEntry } from './entry.js'
import { compilePattern } from './matching/pattern.js'
import type { InvalidationMode, LogSnapshot, Operation } from './ports.js'
import { ValidityTable } from './tags.js'

type Judged = Exclude<Operation, { type: 'key' | 'set' }>

const tag = (name: string, mode: InvalidationMode = 'delete'): Judged => ({ type: 'tag', tag: name, mode })
const glob = (source: string, mode: InvalidationMode = 'delete'): Judged => ({
  type: 'pattern',
  syntax: 'glob',
  source,
  flags: '',
  mode,
})
const clear: Judged = { type: 'clear' }

const snapshot = (over: Partial<LogSnapshot> = {}): LogSnapshot => ({
  position: { epoch: 'e', seq: 0, id: '' },
  floor: 0,
  clearedAt: 0,
  patterns: [],
  ...over,
})

function table(maxTags?: number): ValidityTable {
  const validity = new ValidityTable(compilePattern, maxTags)
  validity.reset(snapshot())
  return validity
}

const remote = (asOf: number, tags: readonly string[] = [], over: Partial<Entry> = {}): Entry => ({
  value: 'v',
  createdAt: 0,
  ttl: 1,
  grace: 0,
  tags,
  epoch: 'e',
  asOf,
  expired: false,
  ...over,
})

const inMemory = (judgedAt: number, tags: readonly string[] = []): MemoryEntry => ({
  ...remote(0, tags),
  freshUntil: 1,
  staleUntil: 1,
  grace: 0,
  refreshAt: 1,
  judgedAt,
  confirmedAt: 0,
  generation: 0,
  retryAt: 0,
})

describe('an entry of the remote tier', () => {
  it('is judged by the newest invalidation that covers it: valid exactly when its asOf is not older', () => {
    const validity = table()
    validity.learn(['t'], [{ deletedAt: 5, expiredAt: 0 }], 0)
    expect(validity.judgeRemote('k', remote(4, ['t']))).toBe('deleted')
    expect(validity.judgeRemote('k', remote(5, ['t']))).toBe('valid')
  })

  it('is only expired by a soft invalidation, and deleted when a hard one covers it too', () => {
    const validity = table()
    validity.learn(
      ['soft', 'hard'],
      [
        { deletedAt: 0, expiredAt: 9 },
        { deletedAt: 7, expiredAt: 0 },
      ],
      0,
    )
    expect(validity.judgeRemote('k', remote(6, ['soft']))).toBe('expired')
    expect(validity.judgeRemote('k', remote(6, ['soft', 'hard']))).toBe('deleted')
    expect(validity.judgeRemote('k', remote(8, ['soft', 'hard']))).toBe('expired')
  })

  it('of another epoch is deleted, however large its asOf', () => {
    expect(table().judgeRemote('k', remote(1_000, [], { epoch: 'older' }))).toBe('deleted')
  })

  it('that says of itself that it expired is expired', () => {
    expect(table().judgeRemote('k', remote(1, [], { expired: true }))).toBe('expired')
  })

  it('below the floor is deleted when it has tags, because theirs may have been forgotten', () => {
    const validity = table()
    validity.learn(['t'], [{ deletedAt: 0, expiredAt: 0 }], 10)
    expect(validity.judgeRemote('k', remote(9, ['t']))).toBe('deleted')
    expect(validity.judgeRemote('k', remote(10, ['t']))).toBe('valid')
    expect(validity.judgeRemote('k', remote(9))).toBe('valid')
  })

  it('with a tag whose past is unknown is never called valid', () => {
    const validity = table()
    expect(validity.unknownTags(['a'])).toEqual(['a'])
    expect(validity.judgeRemote('k', remote(1_000, ['a']))).toBe('deleted')
  })

  it('is covered by patterns in order of the log, and by clear', () => {
    const validity = table()
    validity.apply(glob('room:*'), 5)
    validity.apply(glob('room:1', 'expire'), 6)
    expect(validity.judgeRemote('room:1', remote(4))).toBe('deleted')
    expect(validity.judgeRemote('room:1', remote(5))).toBe('expired')
    expect(validity.judgeRemote('room:2', remote(5))).toBe('valid')
    expect(validity.judgeRemote('user:1', remote(4))).toBe('valid')
    validity.apply(clear, 7)
    expect(validity.judgeRemote('user:1', remote(6))).toBe('deleted')
    expect(validity.judgeRemote('user:1', remote(7))).toBe('valid')
  })

  it('is judged the same whether its node heard the invalidations or took them from a snapshot', () => {
    const heard = table()
    heard.apply(glob('room:*'), 5)
    heard.apply(clear, 3)
    const started = new ValidityTable(compilePattern)
    started.reset(
      snapshot({
        clearedAt: 3,
        patterns: [{ type: 'pattern', syntax: 'glob', source: 'room:*', flags: '', mode: 'delete', seq: 5 }],
      }),
    )
    for (const asOf of [2, 3, 4, 5]) {
      for (const key of ['room:1', 'user:1'])
        expect(started.judgeRemote(key, remote(asOf))).toBe(heard.judgeRemote(key, remote(asOf)))
    }
  })

  it('is swept for patterns and clear alone: its tags are judged by those who read it', () => {
    const validity = table()
    validity.apply(tag('t'), 5)
    validity.apply(glob('room:*', 'expire'), 6)
    expect(validity.judgeSwept('user:1', remote(1, ['t']))).toBe('valid')
    expect(validity.judgeSwept('room:1', remote(1, ['t'], { expired: true }))).toBe('expired')
    expect(validity.judgeSwept('user:1', remote(1, ['t'], { expired: true }))).toBe('valid')
  })

  it('is no longer judged by a pattern that was retired, and still by the others', () => {
    const validity = table()
    validity.apply(glob('a*'), 5)
    validity.apply(glob('*b'), 6)
    validity.retirePatterns([5])
    expect(validity.judgeRemote('a', remote(1))).toBe('valid')
    expect(validity.judgeRemote('ab', remote(1))).toBe('deleted')
  })
})

describe('an entry in memory', () => {
  it('is judged by what was applied since it was last judged, and by nothing before', () => {
    const validity = table()
    validity.apply(tag('t'), 1)
    const judgedAt = validity.revision
    expect(validity.judgeMemory('k', inMemory(judgedAt, ['t']))).toBe('valid')
    validity.apply(tag('other'), 2)
    expect(validity.judgeMemory('k', inMemory(judgedAt, ['t']))).toBe('valid')
    validity.apply(tag('t', 'expire'), 3)
    expect(validity.judgeMemory('k', inMemory(judgedAt, ['t']))).toBe('expired')
    validity.apply(tag('t'), 4)
    expect(validity.judgeMemory('k', inMemory(judgedAt, ['t']))).toBe('deleted')
  })

  it('is covered by what could not be logged yet, too', () => {
    for (const operation of [tag('t'), glob('k*'), clear]) {
      const validity = table()
      const judgedAt = validity.revision
      validity.apply(operation, undefined)
      expect(validity.judgeMemory('k', inMemory(judgedAt, ['t']))).toBe('deleted')
    }
  })

  it('is covered by what was applied late, whatever its seq', () => {
    const validity = table()
    validity.apply(tag('t'), 9)
    const judgedAt = validity.revision
    validity.apply(tag('t'), 4)
    expect(validity.judgeMemory('k', inMemory(judgedAt, ['t']))).toBe('deleted')
  })

  it('is unknown, not valid, when the mark of its tag may have been forgotten since', () => {
    const validity = table(2)
    const judgedAt = validity.revision
    validity.apply(tag('t'), 1)
    validity.apply(tag('b'), 2)
    validity.apply(tag('c'), 3)
    expect(validity.judgeMemory('k', inMemory(judgedAt, ['t']))).toBe('unknown')
    expect(validity.judgeMemory('k', inMemory(judgedAt))).toBe('valid')
  })
})

describe('the table of tags', () => {
  it('asks for the past of a tag once, also when it was met first in an invalidation that could not be logged', () => {
    const validity = table()
    validity.apply(tag('t'), undefined)
    expect(validity.unknownTags(['t', 'u'])).toEqual(['t', 'u'])
    validity.learn(
      ['t', 'u'],
      [
        { deletedAt: 3, expiredAt: 0 },
        { deletedAt: 0, expiredAt: 0 },
      ],
      0,
    )
    expect(validity.unknownTags(['t', 'u'])).toEqual([])
    expect(validity.judgeRemote('k', remote(2, ['t']))).toBe('deleted')
  })

  it('is not set back by a look-up that was overtaken by a message', () => {
    const validity = table()
    validity.apply(tag('t'), 9)
    validity.learn(['t'], [{ deletedAt: 4, expiredAt: 0 }], 0)
    expect(validity.judgeRemote('k', remote(8, ['t']))).toBe('deleted')
  })

  it('asks again for a tag that it has forgotten', () => {
    const validity = table(2)
    for (const [at, name] of ['a', 'b', 'c'].entries()) validity.apply(tag(name), at + 1)
    expect(validity.unknownTags(['a', 'b', 'c'])).toEqual(['a'])
  })

  it('keeps apart tags of any name', () => {
    const validity = table()
    validity.learn(
      ['__proto__', 'constructor'],
      [
        { deletedAt: 5, expiredAt: 0 },
        { deletedAt: 0, expiredAt: 0 },
      ],
      0,
    )
    expect(validity.judgeRemote('k', remote(4, ['__proto__']))).toBe('deleted')
    expect(validity.judgeRemote('k', remote(4, ['constructor']))).toBe('valid')
    expect(validity.unknownTags(['toString'])).toEqual(['toString'])
  })

  it('counts a pattern once it has been logged, and no more for the time before', () => {
    const validity = table()
    validity.apply(glob('k*'), undefined)
    validity.apply(glob('k*'), 4)
    validity.forgetUnlogged()
    expect(validity.judgeRemote('k', remote(3))).toBe('deleted')
    expect(validity.judgeRemote('k', remote(4))).toBe('valid')
  })

  it('is refused a pattern that does not compile before anything has changed', () => {
    const validity = table()
    const wrong: Judged = { type: 'pattern', syntax: 'regex', source: '(', flags: '', mode: 'delete' }
    expect(() => validity.apply(wrong, 1)).toThrow(/^regex: expected /)
    expect(validity.judgeRemote('k', remote(0))).toBe('valid')
  })
})

describe('judging', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const mode = fc.constantFrom<InvalidationMode>('delete', 'expire')
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(name, mode).map(([one, how]) => tag(one, how)) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('k*', '*1', 'none'), mode).map(([one, how]) => glob(one, how)) },
    { weight: 1, arbitrary: fc.constant(clear) },
  )
  const entry = fc.record({
    key: fc.constantFrom('k1', 'k2', 'x1'),
    tags: fc.uniqueArray(name),
    after: fc.nat(12),
  })

  /** What a list of all invalidations says of an entry that was loaded after the first so many. */
  function naive(operations: readonly Judged[], { key, tags, after }: { key: string; tags: string[]; after: number }) {
    let verdict = 'valid'
    for (const one of operations.slice(after)) {
      if (one.type === 'tag' && !tags.includes(one.tag)) continue
      if (one.type === 'pattern' && !compilePattern(one)(key)) continue
      if (one.type === 'clear' || one.mode === 'delete') return 'deleted'
      verdict = 'expired'
    }
    return verdict
  }

  it('agrees with a list of everything that was invalidated, for both tiers', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), entry, (operations, one) => {
        const validity = table()
        validity.learn(['a', 'b', 'c'], Array(3).fill({ deletedAt: 0, expiredAt: 0 }), 0)
        let judgedAt = validity.revision
        for (const [index, each] of operations.entries()) {
          if (index === one.after) judgedAt = validity.revision
          validity.apply(each, index + 1)
        }
        if (one.after >= operations.length) judgedAt = validity.revision
        const expected = naive(operations, one)
        expect(validity.judgeRemote(one.key, remote(one.after, one.tags))).toBe(expected)
        expect(validity.judgeMemory(one.key, inMemory(judgedAt, one.tags))).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  it('with few tags remembered may forget, but never calls valid what is not', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 12 }),
        entry,
        fc.integer({ min: 1, max: 2 }),
        (operations, one, max) => {
          const validity = table(max)
          let judgedAt = validity.revision
          for (const [index, each] of operations.entries()) {
            if (index === one.after) judgedAt = validity.revision
            validity.apply(each, index + 1)
          }
          if (one.after >= operations.length) judgedAt = validity.revision
          const expected = naive(operations, one)
          const verdicts: string[] = [validity.judgeMemory(one.key, inMemory(judgedAt, one.tags))]
          // Otherwise the remote tier would be asked first.
          if (validity.unknownTags(one.tags).length === 0)
            verdicts.push(validity.judgeRemote(one.key, remote(one.after, one.tags)))
          for (const verdict of verdicts) {
            if (expected === 'deleted') expect(['deleted', 'unknown']).toContain(verdict)
            if (expected === 'expired') expect(verdict).not.toBe('valid')
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
