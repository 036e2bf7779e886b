import { createCodec } from '../codec.js'
import type { Codec, StructureStore } from '../ports.js'
import { brotli, checksum, deflate } from './compression.js'
import { records } from './records.js'

export interface DefaultCodecOptions {
  readonly compressAbove?: number
  readonly maxBytes?: number
  /** Where structures are shared. Default: nowhere; each value contains its own. */
  readonly structures?: StructureStore | undefined
  /** Wall time in milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** The codec that a cache has unless it is given another: records, compressed at and above `compressAbove` bytes. */
export function defaultCodec({ structures, now, ...options }: DefaultCodecOptions = {}): Codec {
  const serializer = records({ ...(structures && { structures }), ...(now && { now }) })
  return createCodec({ serializer, checksum, compressors: [deflate, brotli], ...options })
}
