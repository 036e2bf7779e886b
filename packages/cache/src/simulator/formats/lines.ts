import { StringDecoder } from 'node:string_decoder'
import { TraceError } from '../trace-error.js'

/** Longer lines mean that the file is not the text that it was taken for. */
const MAX_LINE = 65_536

/** A line of text, and where it begins in the file. */
export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  readonly offset: number
}

/** Cuts a stream of bytes into lines of UTF-8; `\r\n` ends a line as well, and empty lines are left out. */
export class Lines {
  readonly #source: string
  readonly #take: (line: Line) => void
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  #number = 0
  #offset = 0

  constructor(source: string, take: (line: Line) => void) {
    this.#source = source
    this.#take = take
  }

  push(chunk: Uint8Array): void {
    const text = this.#rest + this.#decoder.write(chunk)
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#line(text.slice(from, end), 1)
      from = end + 1
    }
    this.#rest = text.slice(from)
    if (this.#rest.length > MAX_LINE) this.#tooLong()
  }

  finish(): void {
    this.#rest += this.#decoder.end()
    if (this.#rest !== '') this.#line(this.#rest, 0)
  }

  #line(raw: string, terminator: number): void {
    if (raw.length > MAX_LINE) this.#tooLong()
    const text = raw.trim()
    this.#number++
    if (text !== '') this.#take({ text, number: this.#number, offset: this.#offset })
    this.#offset += Buffer.byteLength(raw) + terminator
  }

  #tooLong(): never {
    throw new TraceError(
      this.#source,
      `line ${this.#number + 1} is longer than ${MAX_LINE} characters: this is not text`,
      {
        offset: this.#offset,
      },
    )
  }
}

/** What was found in place of something, short enough for a message. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)
}
