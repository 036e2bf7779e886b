import { createCodec } from '../codec.js'
import type { Codec } from '../ports.js'
import { brotli, checksum, deflate } from './compression.js'
import { msgpack } from './msgpack.js'

/** The codec that a cache has unless it is given another: MessagePack, compressed at and above `compressAbove` bytes. */
export function defaultCodec(options: { readonly compressAbove?: number; readonly maxBytes?: number } = {}): Codec {
  return createCodec({ serializer: msgpack(), checksum, compressors: [deflate, brotli], ...options })
}
