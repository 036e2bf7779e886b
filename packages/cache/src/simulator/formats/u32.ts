import { KeyNumbers } from '../key-numbers.js'
import { TraceBuilder } from '../trace-builder.js'
import { parserOfNumbers, type TraceParser } from './parser.js'
import { Records } from './records.js'

/** Little-endian unsigned 32-bit integers, one a request. */
export function u32Parser(name: string): TraceParser {
  const builder = new TraceBuilder()
  const numbers = new KeyNumbers()
  const records = new Records(name, 4, (view, at) => builder.add(numbers.of(0, view.getUint32(at, true))))
  return parserOfNumbers(name, { builder, numbers, pieces: records })
}
