import { constants, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Heap } from './heap-pressure.js'

/**
 * What V8 counts into its limit for the young generation: three semi-spaces of 16 MB unless it is told otherwise. What
 * is cached grows old, and the room for that is what runs out.
 */
const YOUNG_BYTES = 48 * 1_048_576

/** The JavaScript heap of this process. What `Buffer` and typed arrays hold lies outside of it. */
export const v8Heap: Heap = {
  figures() {
    const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics()
    return { usedBytes, limitBytes: Math.max(limitBytes / 2, limitBytes - YOUNG_BYTES) }
  },
  onCollection(listener) {
    const observer = new PerformanceObserver((list) => {
      const kinds = list.getEntries().map((entry) => (entry as { detail?: { kind?: number } }).detail?.kind)
      if (kinds.includes(constants.NODE_PERFORMANCE_GC_MAJOR)) listener()
    })
    observer.observe({ entryTypes: ['gc'] })
    return () => observer.disconnect()
  },
}
