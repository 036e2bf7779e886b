const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes that grow as they are written. Whole numbers take 7 bits a byte, lowest first (LEB128). */
export class ByteWriter {
  #bytes = new Uint8Array(1_024)
  #length = 0

  whole(value: number): void {
    this.#reserve(10)
    let rest = Math.round(value)
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  real(value: number): void {
    this.#reserve(8)
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value)
    this.#length += 8
  }

  text(value: string): void {
    this.block(encoder.encode(value))
  }

  /** A length and as many bytes. */
  block(bytes: Uint8Array): void {
    this.whole(bytes.length)
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** Reads what a {@link ByteWriter} wrote; throws a `RangeError` at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  whole(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#view.getUint8(this.#at++)
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }

  real(): number {
    const value = this.#view.getFloat64(this.#at)
    this.#at += 8
    return value
  }

  text(): string {
    return decoder.decode(this.block())
  }

  block(): Uint8Array {
    const length = this.whole()
    if (this.#at + length > this.#bytes.length) throw new RangeError('the bytes end within a block')
    const block = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return block
  }
}
