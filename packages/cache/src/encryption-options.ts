/** A secret key with a name. */
export interface EncryptionKey {
  /** Written beside each value, so that its readers know which key it takes: 1 to 32 of `A-Z a-z 0-9 . _ -`. */
  readonly id: string
  /** 32 random bytes, as they are or as base64 (`openssl rand -base64 32`). */
  readonly secret: string | Uint8Array
}

/** Encryption of the values in the remote tier. */
export interface EncryptionOptions {
  /** The first one encrypts; all of them decrypt. */
  readonly keys: readonly EncryptionKey[]
}
