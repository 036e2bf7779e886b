import { DELETE, READ, WRITE } from '../trace.js'
import { TraceBuilder } from '../trace-builder.js'
import { TraceError } from '../trace-error.js'
import { excerpt, type Line, Lines } from './lines.js'
import type { TraceParser } from './parser.js'

/** What a column of a CSV trace holds. */
export type CsvColumn = 'key' | 'time' | 'size' | 'ttl' | 'op' | 'ignored'

const NAMES: ReadonlyMap<string, CsvColumn> = new Map([
  ...(['key', 'id', 'obj', 'obj_id', 'object', 'url'] as const).map((name) => [name, 'key'] as const),
  ...(['time', 'timestamp', 'ts', 'clock_time'] as const).map((name) => [name, 'time'] as const),
  ...(['size', 'bytes', 'obj_size', 'value_size'] as const).map((name) => [name, 'size'] as const),
  ...(['op', 'operation', 'kind'] as const).map((name) => [name, 'op'] as const),
  ['ttl', 'ttl'],
])

const OPERATIONS: ReadonlyMap<string, number> = new Map([
  ...(['', 'get', 'gets', 'read', 'request', 'head'] as const).map((name) => [name, READ] as const),
  ...(['set', 'put', 'write', 'add', 'replace', 'cas', 'append', 'prepend'] as const).map(
    (name) => [name, WRITE] as const,
  ),
  ...(['delete', 'del', 'remove', 'invalidate'] as const).map((name) => [name, DELETE] as const),
])

const MS_PER_SECOND = 1_000

/**
 * Comma-separated values: one request a line. The first line names the columns (key, and perhaps time in seconds, size
 * in bytes, ttl in seconds, op: get, set or delete; others are ignored), unless `columns` does. Without either, a file
 * of one column holds keys. Fields may be quoted as in RFC 4180, but not run over several lines.
 */
export function csvParser(name: string, columns?: readonly CsvColumn[]): TraceParser {
  const keys = new Map<string, number>()
  let layout = columns === undefined ? undefined : new Layout(name, columns)
  const lines = new Lines(name, (line) => {
    const fields = fieldsOf(name, line)
    if (layout === undefined) {
      const named = fields.map((field) => NAMES.get(field.trim().toLowerCase()) ?? 'ignored')
      if (named.includes('key')) {
        layout = new Layout(name, named)
        return
      }
      if (fields.length !== 1) {
        const expected = "expected a first line that names the columns, among them 'key'"
        throw new TraceError(name, `line ${line.number}: ${expected}, got ${excerpt(line.text)}`, {
          offset: line.offset,
        })
      }
      layout = new Layout(name, ['key'])
    }
    layout.add(fields, line, keys)
  })
  return {
    push: (chunk) => lines.push(chunk),
    get length() {
      return layout?.builder.length ?? 0
    },
    finish(isWhole) {
      if (isWhole) lines.finish()
      if (layout === undefined || layout.builder.length === 0) throw new TraceError(name, 'the file holds no request')
      return layout.builder.finish(name, keys.size)
    },
  }
}

class Layout {
  readonly builder: TraceBuilder
  readonly #name: string
  readonly #width: number
  readonly #key: number
  readonly #time: number
  readonly #size: number
  readonly #ttl: number
  readonly #op: number

  constructor(name: string, columns: readonly CsvColumn[]) {
    this.#name = name
    this.#width = columns.length
    this.#key = columns.indexOf('key')
    this.#time = columns.indexOf('time')
    this.#size = columns.indexOf('size')
    this.#ttl = columns.indexOf('ttl')
    this.#op = columns.indexOf('op')
    if (this.#key < 0) throw new TraceError(name, `expected a column 'key', got ${columns.join(', ')}`)
    if (this.#ttl >= 0 && this.#time < 0) throw new TraceError(name, "a column 'ttl' needs a column 'time'")
    this.builder = new TraceBuilder({
      kinds: this.#op >= 0,
      sizes: this.#size >= 0,
      times: this.#time >= 0,
      ttls: this.#ttl >= 0,
    })
  }

  add(fields: readonly string[], line: Line, keys: Map<string, number>): void {
    if (fields.length !== this.#width) {
      this.#fail(line, `expected ${this.#width} fields, got ${fields.length}: ${excerpt(line.text)}`)
    }
    const text = fields[this.#key]!
    let key = keys.get(text)
    if (key === undefined) {
      key = keys.size
      keys.set(text, key)
    }
    this.builder.add(key, {
      kind: this.#operation(fields, line),
      bytes: Math.round(this.#number(fields, line, this.#size, 'size', 1)),
      timeMs: this.#number(fields, line, this.#time, 'time', 0) * MS_PER_SECOND,
      ttlMs: this.#lifetime(fields, line),
    })
  }

  #operation(fields: readonly string[], line: Line): number {
    if (this.#op < 0) return READ
    const kind = OPERATIONS.get(fields[this.#op]!.trim().toLowerCase())
    return kind ?? this.#fail(line, `op: expected get, set or delete, got ${excerpt(fields[this.#op]!)}`)
  }

  /** 0 and nothing mean: no end. */
  #lifetime(fields: readonly string[], line: Line): number {
    const seconds = this.#number(fields, line, this.#ttl, 'ttl', 0)
    return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * MS_PER_SECOND
  }

  #number(fields: readonly string[], line: Line, column: number, what: string, absent: number): number {
    const text = column < 0 ? '' : fields[column]!.trim()
    if (text === '') return absent
    const value = Number(text)
    if (Number.isFinite(value) && value >= 0) return value
    return this.#fail(line, `${what}: expected a number of at least 0, got ${excerpt(text)}`)
  }

  #fail({ number, offset }: Line, problem: string): never {
    throw new TraceError(this.#name, `line ${number}: ${problem}`, { offset })
  }
}

function fieldsOf(name: string, line: Line): string[] {
  if (!line.text.includes('"')) return line.text.split(',')
  const fields: string[] = []
  for (let at = 0; at <= line.text.length; ) {
    const match = /"((?:[^"]|"")*)"(?=,|$)|([^",]*)(?=,|$)/y
    match.lastIndex = at
    const [whole, quoted, plain] = match.exec(line.text) ?? []
    if (whole === undefined) {
      throw new TraceError(name, `line ${line.number}: a quote that does not end a field: ${excerpt(line.text)}`, {
        offset: line.offset,
      })
    }
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    at += whole.length + 1
  }
  return fields
}
