const SLOTS = 1_024

/**
 * A direct-mapped cache from the bytes of short property names to their strings. Rows of a table repeat the same few
 * names; finding the string again costs a third of decoding it, and equal names share one string. Bounded: at most
 * 1,024 names of at most 31 bytes.
 */
export class PropertyNames {
  private readonly bytes = new Array<Uint8Array | undefined>(SLOTS).fill(undefined)
  private readonly texts = new Array<string>(SLOTS).fill('')

  /** The name of `length` bytes (UTF-8) at `start`. */
  at(source: Buffer, start: number, length: number): string {
    if (length === 0) return ''
    const last = source[start + length - 1]!
    const slot = (length * 131 + source[start]! * 31 + source[start + (length >> 1)]! * 17 + last * 7) & (SLOTS - 1)
    const known = this.bytes[slot]
    if (known !== undefined && known.length === length) {
      let i = 0
      while (i < length && known[i] === source[start + i]) i++
      if (i === length) return this.texts[slot]!
    }
    const text = source.toString('utf8', start, start + length)
    this.bytes[slot] = new Uint8Array(source.subarray(start, start + length))
    this.texts[slot] = text
    return text
  }
}
