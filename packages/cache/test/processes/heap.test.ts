import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const HOARDER = fileURLToPath(new URL('./hoarder.mjs', import.meta.url))

/** Runs a process whose heap holds 40 MB and which stores more in its cache, besides all that it needs itself. */
function hoard(memory: object) {
  const bounds = JSON.stringify({ maxBytes: '1gb', maxEntries: 1_000_000, ...memory })
  return promisify(execFile)(process.execPath, ['--max-old-space-size=40', HOARDER, bounds], { timeout: 110_000 })
}

describe('a process that caches more than its heap can hold', () => {
  it('goes on, with less in memory, when the memory tier yields to the heap', { timeout: 120_000 }, async () => {
    const { stdout } = await hoard({ maxHeapShare: 0.6 })
    const { bytes, evictions } = JSON.parse(stdout)
    expect(evictions).toBeGreaterThan(500)
    expect(bytes).toBeLessThan(40 * 1_048_576 * 0.6)
  })

  it('would end for want of memory otherwise', { timeout: 120_000 }, async () => {
    await expect(hoard({})).rejects.toThrow(/heap out of memory|Command failed/)
  })
})
