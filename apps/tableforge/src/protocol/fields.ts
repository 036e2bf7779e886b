import { z } from 'zod'

/** How large things may be that clients send. */
export const LIMITS = {
  nameLength: 40,
  textLength: 1_000,
  bioLength: 280,
  chatPageSize: 50,
  uploadBytes: 262_144,
  handSize: 20,
  boardCells: 100,
} as const

/** Content types that an upload may have. No SVG and no HTML: they could run scripts in the reader's browser. */
export const UPLOAD_TYPES = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'audio/mpeg',
  'audio/ogg',
  'text/plain',
  'application/json',
] as const

/** The cookie that carries the session: HMAC-signed, HttpOnly, SameSite=Lax. */
export const SESSION_COOKIE = 'tableforge_session'

/** What the schemas of this folder are made of. */
export const fields = {
  id: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'an id of 1 to 40 characters of A-Z a-z 0-9 _ -'),
  time: z.number(),
  /** One or more characters, at most so many; spaces around them do not count. */
  line: (max: number) => z.string().trim().min(1).max(max),
  color: z.string().regex(/^#[0-9a-f]{6}$/, 'a colour such as #3b82f6'),
  coordinate: z.number().min(0).max(LIMITS.boardCells),
}
