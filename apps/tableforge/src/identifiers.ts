import { createHash, randomBytes } from 'node:crypto'

/** 96 random bits as 16 characters of A-Z a-z 0-9 - _; no two are ever the same, and none can be guessed. */
export function newId(): string {
  return randomBytes(12).toString('base64url')
}

/** SHA-256 of something that can be written as JSON, shortened to 22 characters: names a query or a batch. */
export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)
}

/** A name as it may stand in an address: `'The Sunken Keep!'` is `'the-sunken-keep'`. Never empty. */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return plain.slice(0, 48) || 'room'
}
