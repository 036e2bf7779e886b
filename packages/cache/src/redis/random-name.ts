import { randomBytes } from 'node:crypto'

/** Characters of a name: 96 bits in base64url. */
const NAME_LENGTH = 16
/** Names drawn at once: a draw takes about as long as all else that a process does to send a message. */
const NAMES_PER_DRAW = 128
let names = ''
let namesTaken = 0

/** A name that no other log and no other message has: 96 random bits. Safe inside JSON and Lua quotes. */
export function randomName(): string {
  if (namesTaken * NAME_LENGTH === names.length) {
    names = randomBytes((NAMES_PER_DRAW * NAME_LENGTH * 6) / 8).toString('base64url')
    namesTaken = 0
  }
  const from = namesTaken++ * NAME_LENGTH
  return names.slice(from, from + NAME_LENGTH)
}
