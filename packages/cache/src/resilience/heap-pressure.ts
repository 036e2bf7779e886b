import type { MemoryTier } from '../ports.js'

/** The heap that a memory tier lives in, in bytes. */
export interface Heap {
  figures(): { readonly usedBytes: number; readonly limitBytes: number }
  /**
   * Calls back soon after each collection of the whole heap: what is used then is what is held. Returns how to stop it.
   */
  onCollection(listener: () => void): () => void
}

export interface HeapPressureOptions {
  readonly heap: Heap
  readonly memory: Pick<MemoryTier, 'figures' | 'resize'>
  /** Share of the heap's limit that may be used, by everything in the process: above 0 and at most 1. */
  readonly maxHeapShare: number
  /** The tier grows no further, however much room there is. */
  readonly maxBytes: number
}

/** What the tier keeps under any pressure, as a share of its own bound: with nothing at all it would only be a cost. */
const LEAST_SHARE = 0.01

/**
 * Keeps the heap of the process below a share of its limit, as far as that lies with the memory tier. After each full
 * collection the tier's bound becomes what it holds plus the heap still free below that share; when the share is
 * exceeded, what it holds minus the excess. So it makes room when the application needs it, and takes it again
 * afterwards.
 */
export function yieldToHeap(options: HeapPressureOptions): () => void {
  const { heap, memory, maxHeapShare, maxBytes } = options
  const adjust = () => {
    const { usedBytes, limitBytes } = heap.figures()
    const left = limitBytes * maxHeapShare - usedBytes
    const least = maxBytes * LEAST_SHARE
    memory.resize({ maxBytes: Math.ceil(Math.min(maxBytes, Math.max(least, memory.figures().bytes + left))) })
  }
  // Until the first collection: what is used already is not there for the tier.
  adjust()
  return heap.onCollection(adjust)
}
