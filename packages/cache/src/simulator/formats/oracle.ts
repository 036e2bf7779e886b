import { KeyNumbers } from '../key-numbers.js'
import { TraceBuilder } from '../trace-builder.js'
import { TraceError } from '../trace-error.js'
import { parserOfNumbers, type TraceParser } from './parser.js'
import { Records } from './records.js'

const RECORD_BYTES = 24
const NEVER = 2n ** 63n - 1n
const MS_PER_SECOND = 1_000

/**
 * `oracleGeneral` of libCacheSim: little-endian records of 24 bytes without padding: time in seconds (uint32), object
 * (uint64), size in bytes (uint32), and the request at which the object is asked for next (int64; -1 or 2^63 - 1:
 * never). The last is not used, since the simulator finds out for itself, but tells whether this is such a file.
 */
export function oracleParser(name: string): TraceParser {
  const builder = new TraceBuilder({ sizes: true, times: true })
  const numbers = new KeyNumbers()
  const records = new Records(name, RECORD_BYTES, (view, at, offset) => {
    const next = view.getBigInt64(at + 16, true)
    if (next !== -1n && next !== NEVER && next <= BigInt(builder.length)) {
      throw new TraceError(
        name,
        `request ${builder.length} says that its object is asked for next at request ${next}: expected a later one, or -1 for never`,
        { offset },
      )
    }
    const key = numbers.of(view.getUint32(at + 8, true), view.getUint32(at + 4, true))
    builder.add(key, { timeMs: view.getUint32(at, true) * MS_PER_SECOND, bytes: view.getUint32(at + 12, true) })
  })
  return parserOfNumbers(name, { builder, numbers, pieces: records })
}
