import type { EncryptionKey, EncryptionOptions } from '../encryption-options.js'
import { invalidOption, refuseUnknown, wrongOption } from '../errors.js'
import { KEY_BYTES } from './xaes-256-gcm.js'

/** {@link EncryptionKey}, checked. */
export interface ResolvedEncryptionKey {
  readonly id: string
  readonly secret: Uint8Array
}

const OPTION_NAMES = new Set(['keys'])
const ID = /^[A-Za-z0-9._-]{1,32}$/
const WANTED_SECRET = '32 random bytes, or their base64 (openssl rand -base64 32)'

/** Validates; never shows what may be a part of a secret. */
export function resolveEncryption(where: string, options: EncryptionOptions): readonly ResolvedEncryptionKey[] {
  if (typeof options !== 'object' || options === null) throw invalidOption(where, options, 'an object with keys')
  refuseUnknown(where, options, OPTION_NAMES)
  const { keys } = options
  if (!Array.isArray(keys) || keys.length === 0)
    throw invalidOption(`${where}.keys`, keys, 'at least one { id, secret }')
  const seen = new Set<string>()
  return keys.map((key: EncryptionKey, at) => {
    const name = `${where}.keys[${at}]`
    if (typeof key !== 'object' || key === null) throw wrongOption(name, 'something else', '{ id, secret }')
    const { id, secret } = key
    if (typeof id !== 'string' || !ID.test(id))
      throw wrongOption(`${name}.id`, 'something else', '1 to 32 characters of A-Z a-z 0-9 . _ -')
    if (seen.has(id)) throw wrongOption(`${name}.id`, 'the id of another key', 'an id of its own')
    seen.add(id)
    return { id, secret: secretBytes(`${name}.secret`, secret) }
  })
}

function secretBytes(name: string, secret: string | Uint8Array): Uint8Array {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array))
    throw wrongOption(name, 'something else', WANTED_SECRET)
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'base64') : Uint8Array.from(secret)
  if (bytes.length !== KEY_BYTES) throw wrongOption(name, `${bytes.length} bytes`, WANTED_SECRET)
  // A key that somebody wrote by hand for a test, or an array that was never filled.
  if (new Set(bytes).size < 8) throw wrongOption(name, 'bytes that repeat', WANTED_SECRET)
  return bytes
}
