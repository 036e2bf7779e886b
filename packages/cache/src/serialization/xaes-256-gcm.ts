import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export const KEY_BYTES = 32
export const NONCE_BYTES = 24
export const TAG_BYTES = 16

const BLOCK_BYTES = 16
/** Message keys that are kept: those of as many processes that wrote lately. */
const MOST_DERIVED = 64

/**
 * Authenticated encryption by XAES-256-GCM (C2SP, 2024): AES-256-GCM whose key is derived anew from the first half of a
 * 24-byte nonce, after NIST SP 800-108r1. Plain AES-256-GCM with random nonces must not encrypt more than 2^32 messages
 * with one key, which a busy cache reaches within days; this allows 2^80.
 */
export class Xaes256Gcm {
  readonly #key: Buffer
  /** XOR mask of the derivation's last block (the CMAC subkey K1). */
  readonly #mask: Buffer
  /** Keys by the half of the nonce that they were derived from, oldest first. */
  readonly #derived = new Map<string, Buffer>()
  /**
   * One half for all that this object encrypts, so that its key is derived once; the other half is random every time.
   */
  readonly #ownHalf = randomBytes(NONCE_BYTES / 2)

  /** `key` of {@link KEY_BYTES}. */
  constructor(key: Uint8Array) {
    this.#key = Buffer.from(key)
    this.#mask = doubled(this.#block(Buffer.alloc(BLOCK_BYTES)))
  }

  /** A nonce that was not used before, as far as chance can tell. */
  nonce(): Buffer {
    return Buffer.concat([this.#ownHalf, randomBytes(NONCE_BYTES / 2)])
  }

  /** Encrypted bytes followed by the tag. `context` is authenticated with them and needed again to decrypt. */
  seal(plain: Uint8Array, nonce: Uint8Array, context: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#messageKey(nonce), nonce.subarray(NONCE_BYTES / 2))
    cipher.setAAD(context)
    const bytes = cipher.update(plain)
    cipher.final()
    return Buffer.concat([bytes, cipher.getAuthTag()])
  }

  /** The plain bytes. Throws when anything differs from what was sealed: a bit, the key, the context. */
  open(sealed: Uint8Array, nonce: Uint8Array, context: Uint8Array): Buffer {
    const end = sealed.length - TAG_BYTES
    if (end < 0) throw new RangeError('it ends before its authentication tag')
    const decipher = createDecipheriv('aes-256-gcm', this.#messageKey(nonce), nonce.subarray(NONCE_BYTES / 2), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(context)
    decipher.setAuthTag(sealed.subarray(end))
    const plain = decipher.update(sealed.subarray(0, end))
    decipher.final()
    return plain
  }

  #messageKey(nonce: Uint8Array): Buffer {
    const half = nonce.subarray(0, NONCE_BYTES / 2)
    const name = Buffer.from(half).toString('latin1')
    const known = this.#derived.get(name)
    if (known !== undefined) return known
    const key = Buffer.concat([1, 2].map((counter) => this.#block(this.#masked(counter, half))))
    this.#derived.set(name, key)
    for (const oldest of this.#derived.keys()) {
      if (this.#derived.size <= MOST_DERIVED) break
      this.#derived.delete(oldest)
    }
    return key
  }

  #masked(counter: number, half: Uint8Array): Buffer {
    const block = Buffer.from([0, counter, 0x58, 0, ...half])
    for (const [at, bits] of this.#mask.entries()) block[at]! ^= bits
    return block
  }

  #block(block: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false)
    return Buffer.concat([cipher.update(block), cipher.final()])
  }
}

/** Multiplied by x in GF(2^128), as in CMAC (NIST SP 800-38B, 6.1). */
function doubled(block: Buffer): Buffer {
  const result = Buffer.alloc(BLOCK_BYTES)
  let carry = 0
  for (let at = BLOCK_BYTES - 1; at >= 0; at--) {
    result[at] = ((block[at]! << 1) | carry) & 0xff
    carry = block[at]! >> 7
  }
  if (carry === 1) result[BLOCK_BYTES - 1]! ^= 0x87
  return result
}
