import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/** Work of scrypt as OWASP recommends it: 32 MiB and some tens of milliseconds a guess. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const
const KEY_BYTES = 32
const FORMAT = /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3}):([\w-]{16,128}):([\w-]{16,128})$/

/**
 * A password as it may stand in a configuration: `scrypt:N:r:p:salt:hash`, salt and hash in base64url (RFC 7914). Made
 * anew each time, so that equal passwords do not look equal.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, COST)
  return `scrypt:${COST.N}:${COST.r}:${COST.p}:${salt.toString('base64url')}:${hash.toString('base64url')}`
}

/** Whether a text has the form that {@link hashPassword} gives, at a cost that this process can pay. */
export function isPasswordHash(text: string): boolean {
  const [, N, r] = FORMAT.exec(text) ?? []
  return N !== undefined && r !== undefined && Number(N) >= 2 ** 12 && 128 * Number(N) * Number(r) <= 2 ** 28
}

/** Compares in a time that tells nothing of where the hashes differ. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = FORMAT.exec(stored) ?? []
  const wanted = Buffer.from(hash, 'base64url')
  const given = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) })
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

function derive(password: string, salt: Buffer, cost: Pick<Required<ScryptOptions>, 'N' | 'r' | 'p'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, { ...cost, maxmem: 2 ** 29 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
