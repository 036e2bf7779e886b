import { createCodec } from '../codec.js'
import type { Codec, StructureStore } from '../ports.js'
import { brotli, checksum, deflate, zstd } from './compression.js'
import { lz4 } from './lz4.js'
import { records } from './records.js'

export interface DefaultCodecOptions {
  /**
   * Serialized values of at least this many bytes are compressed where that pays; `Infinity` for never. Default 1,024.
   */
  readonly compressAbove?: number
  /** Largest serialized value, in bytes, for writing and for reading. Default 64 MiB. */
  readonly maxBytes?: number
  /** Where structures are shared. Default: nowhere; each value contains its own. */
  readonly structures?: StructureStore | undefined
  /** Wall time in milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** Milliseconds that never go backwards, to measure with. Default `performance.now`. */
  readonly monotonic?: () => number
}

/**
 * The codec that a cache has unless it is given another: records, compressed from `compressAbove` bytes on where that
 * pays.
 */
export function defaultCodec({ structures, now, ...options }: DefaultCodecOptions = {}): Codec {
  const serializer = records({ ...(structures && { structures }), ...(now && { now }) })
  const compressors = [lz4, ...(zstd === undefined ? [] : [zstd]), deflate, brotli]
  return createCodec({ serializer, checksum, compressors, ...options })
}
