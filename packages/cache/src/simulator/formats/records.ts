import { TraceError } from '../trace-error.js'

/** Cuts a stream of bytes into records of a fixed length, whatever the pieces in which it comes. */
export class Records {
  readonly #source: string
  readonly #length: number
  readonly #take: (record: DataView, at: number, offset: number) => void
  #rest = new Uint8Array(0)
  /** Byte at which the next record begins. */
  #offset = 0

  /** `take` gets a view, where the record begins in it, and where it began in the file. */
  constructor(source: string, length: number, take: (record: DataView, at: number, offset: number) => void) {
    this.#source = source
    this.#length = length
    this.#take = take
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    for (; at + this.#length <= bytes.length; at += this.#length) {
      this.#take(view, at, this.#offset)
      this.#offset += this.#length
    }
    this.#rest = bytes.slice(at)
  }

  finish(): void {
    if (this.#rest.length > 0) {
      throw new TraceError(
        this.#source,
        `the file ends within a record: expected ${this.#length} bytes, got ${this.#rest.length}`,
        { offset: this.#offset },
      )
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}
