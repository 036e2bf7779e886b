import type { Compressor } from '../compression-choice.js'

/*
 * LZ4 block format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md): a run of sequences, each a token byte
 * (4 bits of literal length, 4 bits of match length - 4; 15 continues in bytes of 255), the literals, and where in
 * the last 65,535 bytes the match begins. The last five bytes are literals.
 *
 * In JavaScript, because what compresses a kilobyte in microseconds must not wait for a native call of its own, and
 * because every process then understands it.
 */

const HASH_BITS = 12
const MIN_MATCH = 4
/**
 * The last match begins at least this far from the end, and the last five bytes are literals: the format asks for it.
 */
const LAST_MATCH = 12
const LAST_LITERALS = 5
const MAX_DISTANCE = 65_535
/** After every 64 bytes without a match, the step grows by one. */
const SKIP_SHIFT = 6

/** Where the last sequence of a hash was seen, plus `base`; what is below `base` belongs to earlier calls. */
const seen = new Int32Array(1 << HASH_BITS)
let base = 0

export const lz4: Compressor = {
  id: 3,
  name: 'lz4',
  compress(source) {
    const { length } = source
    if (base + length > 0x7fff_ff00) {
      seen.fill(0)
      base = 0
    }
    const target = new Uint8Array(length + Math.ceil(length / 255) + 16)
    const written = compressInto(source, target)
    base += length
    return target.subarray(0, written)
  },
  decompress(source, maxBytes) {
    // A byte of a length stands for at most 255: whoever claims more is not believed with so much memory.
    if (maxBytes > source.length * 255 + 64) throw new RangeError('the compressed value cannot be as long as it says')
    const target = new Uint8Array(maxBytes)
    return target.subarray(0, decompressInto(source, target))
  },
}

function compressInto(source: Uint8Array, target: Uint8Array): number {
  const last = source.length - LAST_MATCH
  let out = 0
  let anchor = 0
  let at = 0
  let misses = 1 << SKIP_SHIFT
  while (at < last) {
    const sequence = uint32(source, at)
    const hash = Math.imul(sequence, 2_654_435_761) >>> (32 - HASH_BITS)
    const match = seen[hash]! - base - 1
    seen[hash] = at + base + 1
    if (match < 0 || at - match > MAX_DISTANCE || uint32(source, match) !== sequence) {
      at += misses++ >> SKIP_SHIFT
      continue
    }
    misses = 1 << SKIP_SHIFT
    let end = at + MIN_MATCH
    const limit = source.length - LAST_LITERALS
    for (let other = match + MIN_MATCH; end < limit && source[end] === source[other]; other++) end++
    out = writeSequence(source, target, out, { from: anchor, to: at, distance: at - match, matched: end - at })
    anchor = at = end
  }
  return writeSequence(source, target, out, { from: anchor, to: source.length, distance: 0, matched: MIN_MATCH })
}

/** Literals, then a match; `distance` 0 for the end, which has none. Returns where the next sequence begins. */
function writeSequence(
  source: Uint8Array,
  target: Uint8Array,
  start: number,
  { from, to, distance, matched }: { from: number; to: number; distance: number; matched: number },
): number {
  const literals = to - from
  const more = matched - MIN_MATCH
  let out = start
  target[out++] = (Math.min(literals, 15) << 4) | Math.min(more, 15)
  out = writeLength(target, out, literals)
  if (literals < 32) for (let at = from; at < to; at++) target[out++] = source[at]!
  else {
    target.set(source.subarray(from, to), out)
    out += literals
  }
  if (distance === 0) return out
  target[out++] = distance
  target[out++] = distance >> 8
  return writeLength(target, out, more)
}

function writeLength(target: Uint8Array, start: number, length: number): number {
  let out = start
  if (length < 15) return out
  let rest = length - 15
  for (; rest >= 255; rest -= 255) target[out++] = 255
  target[out++] = rest
  return out
}

/** Trusts nothing: neither side is left, whatever the bytes are. */
function decompressInto(source: Uint8Array, target: Uint8Array): number {
  const end = source.length
  let at = 0
  let out = 0
  const lengthOf = (nibble: number): number => {
    let length = nibble
    if (nibble < 15) return length
    for (let byte = 255; byte === 255; length += byte) {
      if (at >= end) throw new RangeError('the compressed value ends too early')
      byte = source[at++]!
    }
    return length
  }
  while (at < end) {
    const token = source[at++]!
    const literals = lengthOf(token >> 4)
    if (literals > end - at || literals > target.length - out) throw new RangeError('the compressed value is too long')
    if (literals < 32) for (let left = literals; left > 0; left--) target[out++] = source[at++]!
    else {
      target.set(source.subarray(at, at + literals), out)
      at += literals
      out += literals
    }
    if (at === end) return out
    if (end - at < 2) throw new RangeError('the compressed value ends too early')
    const distance = source[at]! | (source[at + 1]! << 8)
    at += 2
    const matched = lengthOf(token & 15) + MIN_MATCH
    if (distance === 0 || distance > out) throw new RangeError('the compressed value refers to before its beginning')
    if (matched > target.length - out) throw new RangeError('the compressed value is too long')
    if (distance >= matched && matched >= 32) {
      target.copyWithin(out, out - distance, out - distance + matched)
      out += matched
    } else for (let left = matched; left > 0; left--, out++) target[out] = target[out - distance]!
  }
  throw new RangeError('the compressed value ends too early')
}

function uint32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}
