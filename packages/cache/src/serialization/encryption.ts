import { STATE_EXPIRED, STATE_LIVE, STATE_OFFSET, withHeads } from '../codec.js'
import type { EncryptionOptions } from '../encryption-options.js'
import type { Entry } from '../entry.js'
import { CacheError } from '../errors.js'
import type { Codec } from '../ports.js'
import { resolveEncryption } from './encryption-keys.js'
import { NONCE_BYTES, TAG_BYTES, Xaes256Gcm } from './xaes-256-gcm.js'

/*
 * The sealed envelope, version 1:
 *
 *   0  magic              0xF8
 *   1  version            1
 *   2  state              0 live, 1 softly expired; patched in place by the remote tier, so it is not authenticated
 *   3  length of the key id
 *   4  key id             in ASCII
 *   …  nonce              24 bytes
 *   …  sealed             the envelope of the codec inside, encrypted, and its tag of 16 bytes
 */
const MAGIC = 0xf8
const VERSION = 1
const PREFIX_BYTES = 4

export interface SealOptions extends EncryptionOptions {
  /** Where the values belong: those of another context are refused. A cache gives its namespace. Default `''`. */
  readonly context?: string
}

/**
 * A codec that encrypts what another one writes, and refuses everything that was not encrypted with one of its keys for
 * the very cache key under which it is found: values of Redis can be neither read, nor changed, nor moved to another
 * key. Softly expired is the one thing that remains visible and can be forged; it makes a value be loaded again, or
 * served as stale.
 */
export function encrypted(codec: Codec, options: SealOptions): Codec {
  const { context = '', ...given } = options
  const keys = resolveEncryption('encryption', given)
  const ciphers = new Map(keys.map(({ id, secret }) => [id, new Xaes256Gcm(secret)]))
  const { id: ownId } = keys[0]!
  const own = ciphers.get(ownId)!

  function encode(entry: Entry, key?: string): Uint8Array {
    const nonce = own.nonce()
    const sealed = own.seal(codec.encode(entry, key), nonce, contextOf(context, ownId, key))
    const bytes = Buffer.allocUnsafe(PREFIX_BYTES + ownId.length + NONCE_BYTES + sealed.length)
    bytes[0] = MAGIC
    bytes[1] = VERSION
    bytes[STATE_OFFSET] = entry.expired ? STATE_EXPIRED : STATE_LIVE
    bytes[3] = ownId.length
    bytes.write(ownId, PREFIX_BYTES, 'latin1')
    bytes.set(nonce, PREFIX_BYTES + ownId.length)
    bytes.set(sealed, PREFIX_BYTES + ownId.length + NONCE_BYTES)
    return bytes
  }

  /** The envelope inside, softly expired if either is. */
  function opened(bytes: Uint8Array, key: string | undefined): Uint8Array {
    const idBytes = bytes[3] ?? 0
    const sealedAt = PREFIX_BYTES + idBytes + NONCE_BYTES
    if (bytes[0] !== MAGIC) throw damaged('it is not encrypted')
    if (bytes[1] !== VERSION) throw damaged(`its version is ${bytes[1]}, this library reads version ${VERSION}`)
    if (bytes[STATE_OFFSET]! > STATE_EXPIRED || bytes.length < sealedAt + TAG_BYTES)
      throw damaged('it is not what encryption wrote')
    const id = Buffer.from(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + idBytes)).toString('latin1')
    const cipher = ciphers.get(id)
    // The id comes from whoever wrote the bytes, and may be anything.
    if (cipher === undefined) throw damaged(`it takes a key that is not among ${[...ciphers.keys()].join(', ')}`)
    let inside: Buffer
    try {
      const nonce = bytes.subarray(PREFIX_BYTES + idBytes, sealedAt)
      inside = cipher.open(bytes.subarray(sealedAt), nonce, contextOf(context, id, key))
    } catch {
      // What the cipher says of it is the same for every cause, as it must be.
      throw damaged('it was changed, moved here from another key, or written with another secret')
    }
    if (bytes[STATE_OFFSET] === STATE_EXPIRED && inside.length > STATE_OFFSET) inside[STATE_OFFSET] = STATE_EXPIRED
    return inside
  }

  const inner = withHeads(codec)
  return {
    encode,
    decode: (bytes, key) => inner.decode(opened(bytes, key), key),
    decodeHead: (bytes, key) => inner.decodeHead(opened(bytes, key), key),
  }
}

/** What a value is bound to. Lengths come first, so that no two contexts look alike. */
function contextOf(context: string, keyId: string, key: string | undefined): Buffer {
  if (key === undefined) throw new CacheError('invalid-argument', 'an encrypted value needs the key that it belongs to')
  return Buffer.from(JSON.stringify([VERSION, keyId, context, key]))
}

function damaged(reason: string): CacheError {
  return new CacheError('damaged-value', `damaged value: ${reason}`)
}
