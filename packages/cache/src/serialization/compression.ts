import { brotliCompressSync, brotliDecompressSync, constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Checksum, Compressor } from '../codec.js'

/** CRC-32 (ISO 3309), in native code. */
export const checksum: Checksum = (bytes, seed) => crc32(bytes, seed)

/** Raw deflate (RFC 1951) at level 1. */
export const deflate: Compressor = {
  id: 1,
  compress: (bytes) => deflateRawSync(bytes, { level: 1 }),
  decompress: (bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }),
}

/** Brotli (RFC 7932) at quality 1. */
export const brotli: Compressor = {
  id: 2,
  compress: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  decompress: (bytes, maxBytes) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }),
}
