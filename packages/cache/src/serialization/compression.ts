import * as zlib from 'node:zlib'
import { brotliCompressSync, brotliDecompressSync, constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Checksum } from '../codec.js'
import type { Compressor } from '../compression-choice.js'

/** CRC-32 (ISO 3309), in native code. */
export const checksum: Checksum = (bytes, seed) => crc32(bytes, seed)

/** Raw deflate (RFC 1951) at level 1. */
export const deflate: Compressor = {
  id: 1,
  name: 'deflate',
  compress: (bytes) => deflateRawSync(bytes, { level: 1 }),
  decompress: (bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }),
}

/** Brotli (RFC 7932) at quality 1. */
export const brotli: Compressor = {
  id: 2,
  name: 'brotli',
  compress: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  decompress: (bytes, maxBytes) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }),
}

/** Not in the types of Node 20, nor there. */
interface Zstd {
  zstdCompressSync(bytes: Uint8Array, options?: object): Uint8Array
  zstdDecompressSync(bytes: Uint8Array, options?: object): Uint8Array
}

/** Zstandard (RFC 8878) at level 1, where Node has it: from 22.15 on. */
export const zstd: Compressor | undefined = 'zstdCompressSync' in zlib ? zstdOf(zlib as unknown as Zstd) : undefined

function zstdOf({ zstdCompressSync, zstdDecompressSync }: Zstd): Compressor {
  // ZSTD_c_compressionLevel; the constant has no name in the types of Node 20.
  const params = { 100: 1 }
  return {
    id: 4,
    name: 'zstd',
    compress: (bytes) => zstdCompressSync(bytes, { params }),
    decompress: (bytes, maxBytes) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }),
  }
}
