import { KeyNumbers } from '../key-numbers.js'
import { TraceBuilder } from '../trace-builder.js'
import { TraceError } from '../trace-error.js'
import { excerpt, type Line, Lines } from './lines.js'
import { parserOfNumbers, type TraceParser } from './parser.js'

/** More blocks than this in one request mean that the columns are not what they were taken for. */
const MAX_BLOCKS = 1_048_576

/**
 * The traces of the ARC paper (Megiddo & Modha, FAST 2003), `*.lis`: a line is
 * `first-block blocks ignored request-number`, and asks for that many blocks one after another.
 */
export function arcParser(name: string): TraceParser {
  return blockParser(name, (line) => {
    const fields = line.text.split(/\s+/)
    if (fields.length < 2 || fields.length > 4) {
      const expected = "expected 'first-block blocks ignored request-number'"
      throw new TraceError(name, `line ${line.number}: ${expected}, got ${excerpt(line.text)}`, { offset: line.offset })
    }
    const first = wholeNumber(name, line, fields[0])
    const blocks = wholeNumber(name, line, fields[1])
    if (blocks < 1 || blocks > MAX_BLOCKS) {
      throw new TraceError(name, `line ${line.number}: expected 1 to ${MAX_BLOCKS} blocks, got ${blocks}`, {
        offset: line.offset,
      })
    }
    return [first, blocks]
  })
}

/**
 * The traces of the LIRS paper (Jiang & Zhang, SIGMETRICS 2002), `*.trc`: a block a line; `*` separates parts and is
 * left out.
 */
export function lirsParser(name: string): TraceParser {
  return blockParser(name, (line) => (line.text === '*' ? [0, 0] : [wholeNumber(name, line, line.text), 1]))
}

function blockParser(name: string, read: (line: Line) => readonly [first: number, blocks: number]): TraceParser {
  const builder = new TraceBuilder()
  const numbers = new KeyNumbers()
  const lines = new Lines(name, (line) => {
    const [first, blocks] = read(line)
    for (let block = 0; block < blocks; block++) builder.add(numbers.ofNumber(first + block))
  })
  return parserOfNumbers(name, { builder, numbers, pieces: lines })
}

function wholeNumber(name: string, { number, offset }: Line, text = ''): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  const expected = 'expected a whole number of at least 0'
  throw new TraceError(name, `line ${number}: ${expected}, got ${excerpt(text)}`, { offset })
}
