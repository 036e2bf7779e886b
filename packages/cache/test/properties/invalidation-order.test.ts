import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CacheError, inProcessRemote } from '../../src/index.js'
import {
  type AuditRecord,
  createInvalidator,
  defineRules,
  type InvalidatingCache,
  key,
  patch,
  tag,
} from '../../src/invalidation/index.js'
import { createVirtualClock, testCaches } from '../../src/testing/index.js'

/** What an event does to one of a few keys. */
interface Step {
  readonly key: number
  readonly what: 'delete' | 'expire' | 'patch' | 'tag'
  /** Virtual milliseconds that a patch takes. */
  readonly slow: number
}

interface Scenario {
  readonly events: readonly { readonly steps: readonly Step[]; readonly later: number }[]
  /** Of the first calls to the cache: which fail. */
  readonly failing: readonly boolean[]
  readonly batchWindow: number
  readonly maxQueue: number
}

const step = fc.record<Step>({
  key: fc.nat({ max: 3 }),
  what: fc.constantFrom('delete', 'expire', 'patch', 'tag'),
  slow: fc.nat({ max: 30 }),
})
const scenario = fc.record<Scenario>({
  events: fc.array(fc.record({ steps: fc.array(step, { maxLength: 3 }), later: fc.nat({ max: 20 }) }), {
    minLength: 1,
    maxLength: 25,
  }),
  failing: fc.array(fc.boolean(), { maxLength: 20 }),
  batchWindow: fc.constantFrom(0, 5),
  maxQueue: fc.constantFrom(3, 1_000),
})

/** One piece of work on a key, as it happened: between which two ticks of a counter, and for which events. */
interface Work {
  readonly from: number
  readonly to: number
}

async function play({ events, failing, batchWindow, maxQueue }: Scenario) {
  const clock = createVirtualClock()
  const caches = testCaches(clock)
  const cache = await caches.open({ remote: inProcessRemote() })
  let ticks = 0
  const works = new Map<string, Work[]>()
  const note = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const from = ++ticks
    try {
      return await work()
    } finally {
      works.set(name, [...(works.get(name) ?? []), { from, to: ++ticks }])
    }
  }
  const failures = [...failing]
  const watched: InvalidatingCache = {
    node: cache.node,
    clear: () => cache.clear(),
    inspect: (name) => cache.inspect(name),
    on: (type, listener) => cache.on(type, listener),
    invalidate: (target) => {
      const call = async () => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 1))
        if (failures.shift()) throw new CacheError('remote-failed', 'injected')
        return cache.invalidate(target)
      }
      return (target.keys ?? []).reduceRight<() => ReturnType<typeof call>>(
        (inner, name) => () => note(name, inner),
        call,
      )()
    },
  }
  const patched: Map<string, number[]> = new Map()
  const audit: AuditRecord[] = []
  const invalidator = createInvalidator(watched, {
    clock,
    batchWindow,
    maxQueue,
    onAudit: (record) => audit.push(record),
    rules: defineRules<{ event: { id: number; steps: readonly Step[] } }>({
      event: ({ id, steps }) =>
        steps.map(({ key: number, what, slow }) => {
          const name = `k${number}`
          if (what === 'tag') return tag(name)
          if (what !== 'patch') return { ...key(name), mode: what }
          return patch(key(name), () =>
            note(name, async () => {
              patched.set(name, [...(patched.get(name) ?? []), id])
              await new Promise<void>((resolve) => clock.setTimeout(resolve, slow))
              return cache.set(name, id)
            }),
          )
        }),
    }),
  })
  const settled: ('done' | 'refused' | undefined)[] = events.map(() => undefined)
  let settlements = 0
  for (const [index, { steps, later }] of events.entries()) {
    const settle = (how: 'done' | 'refused') => () => {
      settled[index] = how
      settlements++
    }
    void invalidator.raise('event', { id: index, steps }).then(settle('done'), settle('refused'))
    if (later > 10) await clock.advance(later - 10)
  }
  await clock.runUntil(invalidator.close())
  await clock.flush()
  await caches.close()
  return { works, patched, audit, settled, settlements, pending: invalidator.pending }
}

it('accounts for every event exactly once, and works on each key one thing at a time, in the order of raising', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (played) => {
      const { works, patched, audit, settled, settlements, pending } = await play(played)
      expect(pending).toBe(0)
      expect(settlements).toBe(played.events.length)
      expect(audit.map(({ id }) => id).sort((one, other) => one - other)).toEqual(
        played.events.map((_, index) => index + 1),
      )
      for (const { id, outcome } of audit) expect(settled[id - 1]).toBe(outcome === 'done' ? 'done' : 'refused')
      for (const ids of patched.values()) expect(ids).toEqual([...ids].sort((one, other) => one - other))
      for (const list of works.values()) {
        const sorted = [...list].sort((one, other) => one.from - other.from)
        sorted.slice(1).forEach((work, index) => {
          expect(work.from).toBeGreaterThan((sorted[index] as Work).to)
        })
      }
    }),
    { numRuns: 150 },
  )
})
