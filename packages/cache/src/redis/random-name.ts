import { randomBytes } from 'node:crypto'

const NAME_BYTES = 12
/** What they are in base64url. */
const NAME_LENGTH = 16
/** Names drawn at once: to ask for random bytes costs 8 to 18 us each time, however few they are. */
const NAMES_PER_DRAW = 128
let unused = ''

/** A name that no other log and no other message has: 96 random bits. Safe inside JSON and Lua quotes. */
export function randomName(): string {
  if (unused === '') unused = randomBytes(NAMES_PER_DRAW * NAME_BYTES).toString('base64url')
  const name = unused.slice(0, NAME_LENGTH)
  unused = unused.slice(NAME_LENGTH)
  return name
}
