import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

/** Where a command reads and writes; the process's own streams, or those of a test. */
export interface Streams {
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown }
  readonly stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number }
  readonly stderr: Writable & { isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const
export type Style = keyof typeof CODES

/**
 * Output that is coloured only where a person reads it: on a terminal, unless NO_COLOR (https://no-color.org) or
 * `--no-color` says otherwise.
 */
export class Terminal {
  readonly streams: Streams
  readonly coloured: boolean

  constructor(streams: Streams, { color = true }: { color?: boolean } = {}) {
    const { env, stdout } = streams
    this.streams = streams
    const wanted = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0' ? true : stdout.isTTY === true
    this.coloured = color && wanted && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  }

  get interactive(): boolean {
    return this.streams.stdin.isTTY === true && this.streams.stdout.isTTY === true
  }

  get columns(): number {
    // Some terminals say that they are 0 wide.
    return this.streams.stdout.columns || 100
  }

  get rows(): number {
    return this.streams.stdout.rows || 30
  }

  line(text = ''): void {
    this.streams.stdout.write(`${text}\n`)
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, undefined, 2))
  }

  error(text: string): void {
    this.streams.stderr.write(`${text}\n`)
  }

  style(style: Style, text: string): string {
    return this.coloured && text !== '' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text
  }

  /** Asks on the error output, so that what is piped stays clean. Anything but y or yes is no. */
  async confirm(question: string): Promise<boolean> {
    const asking = createInterface({ input: this.streams.stdin, output: this.streams.stderr })
    try {
      return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim())
    } finally {
      asking.close()
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character.
const ESCAPES = /(\u001b\[[0-9;]*m)/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey is what is looked for.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/**
 * Text from the cache as it may be printed: a key must not be able to move the cursor, colour the screen or break a
 * line.
 */
export function printable(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The width of a text on the screen, without its colours. */
export function widthOf(text: string): number {
  return [...text.replace(ESCAPES, '')].length
}

/** At most so wide, its colours kept. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let left = Math.max(0, width - 1)
  const parts = text.split(ESCAPES).map((part, index) => {
    if (index % 2 === 1) return part
    const shown = [...part].slice(0, left)
    left -= shown.length
    return shown.join('')
  })
  return `${parts.join('')}…`
}
