import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryTier } from '../memory/memory-tier.js'
import type { MemoryTier } from '../ports.js'
import { createVirtualClock, type VirtualClock } from '../testing/virtual-clock.js'
import { type Heap, yieldToHeap } from './heap-pressure.js'

const MB = 1_000_000

let clock: VirtualClock
let memory: MemoryTier
/** What the application itself uses; the tier's share of the heap is what it accounts for. */
let others: number
let collected: () => void
let watched: boolean
beforeEach(() => {
  clock = createVirtualClock()
  memory = createMemoryTier({ maxEntries: 100_000, maxBytes: 60 * MB, sizeOf: () => 10_000, clock })
  others = 10 * MB
  watched = false
})

const heap: Heap = {
  figures: () => ({ usedBytes: others + memory.figures().bytes, limitBytes: 100 * MB }),
  onCollection(listener) {
    collected = listener
    watched = true
    return () => {
      watched = false
    }
  },
}

function fill(entries: number): void {
  const life = { createdAt: 0, tags: [], epoch: 'e', asOf: 0, refreshAt: 0, judgedAt: 0, confirmedAt: 0, generation: 0 }
  const until = clock.now() + 1e9
  for (let at = 0; at < entries; at++)
    memory.set(`${at}`, { ...life, value: at, freshUntil: until, staleUntil: until, grace: 0, retryAt: 0 })
}

/** The tier approaches a lower bound over several turns. */
async function collect(): Promise<void> {
  collected()
  await clock.advance(60_000)
}

describe('a memory tier that yields to the heap', () => {
  it('holds as much as its own bound while the heap has room', async () => {
    yieldToHeap({ heap, memory, maxHeapShare: 0.8, maxBytes: 60 * MB })
    fill(10_000)
    await collect()
    expect(memory.figures()).toMatchObject({ bytes: 60 * MB, maxBytes: 60 * MB })
  })

  it('takes from the beginning no more than what is left of the share', () => {
    others = 50 * MB
    yieldToHeap({ heap, memory, maxHeapShare: 0.8, maxBytes: 60 * MB })
    fill(10_000)
    expect(memory.figures().bytes).toBe(30 * MB)
  })

  it('makes room when the application needs it, and takes it again afterwards', async () => {
    yieldToHeap({ heap, memory, maxHeapShare: 0.8, maxBytes: 60 * MB })
    fill(10_000)
    others = 70 * MB
    await collect()
    expect(memory.figures().bytes).toBe(10 * MB)
    others = 30 * MB
    await collect()
    fill(10_000)
    expect(memory.figures().bytes).toBe(50 * MB)
  })

  it('keeps a hundredth of its bound under any pressure', async () => {
    yieldToHeap({ heap, memory, maxHeapShare: 0.8, maxBytes: 60 * MB })
    fill(10_000)
    others = 200 * MB
    await collect()
    expect(memory.figures().bytes).toBe(0.6 * MB)
  })

  it('no longer watches the heap once it is told to stop', () => {
    const stop = yieldToHeap({ heap, memory, maxHeapShare: 0.8, maxBytes: 60 * MB })
    expect(watched).toBe(true)
    stop()
    expect(watched).toBe(false)
  })
})
