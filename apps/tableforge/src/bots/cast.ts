/** Names, places and lines of the simulated players. */

const FIRST = [
  'Aldous',
  'Bryony',
  'Caspian',
  'Delphine',
  'Edric',
  'Fenella',
  'Gideon',
  'Hester',
  'Ignatius',
  'Juniper',
  'Kester',
  'Lavinia',
]
const LAST = ['Ashdown', 'Birch', 'Crane', 'Dunmore']

/** The name of the n-th simulated player; all of them differ. */
export function nameOf(index: number): string {
  const round = Math.floor(index / (FIRST.length * LAST.length))
  const name = `${FIRST[index % FIRST.length]} ${LAST[Math.floor(index / FIRST.length) % LAST.length]}`
  return round === 0 ? `${name} (bot)` : `${name} ${round + 1} (bot)`
}

export const ROOM_NAMES = [
  'The Clockwork Orchard',
  'Nine Lanterns',
  'Saltmarsh Heist',
  'Last Train to Vesper',
  'Under the Glass Hills',
  'A Quiet Place on Luna',
  'The Baker Street Irregulars',
  'Wolves of Winter Pass',
] as const

export const PIECES = ['Captain', 'Oracle', 'Smith', 'Hound', 'Sentry', 'Wanderer', 'Golem', 'Thief'] as const

export const LINES = [
  'I check the door for traps.',
  'Does anyone have rope?',
  'We should have turned left.',
  'I keep my hand on my sword and smile.',
  'How far is the ogre?',
  'Can I reach the lantern this turn?',
  'I say we talk to it first.',
  'Give me a second, reading my sheet.',
  'That went better than expected.',
  'Who has the map?',
  'I stay at the back. Strategically.',
  'Let me roll for that.',
  'Back in a minute, tea.',
  'Natural twenty or it did not happen.',
] as const

export const SECRETS = [
  'I do not trust the innkeeper.',
  'I kept one of the gems.',
  'Follow me when the lights go out.',
  'Do not tell them about the key.',
] as const

export const ROLLS = [
  ['1d20+5', 'attack'],
  ['1d20+2', 'perception'],
  ['2d6+3', 'damage'],
  ['4d6kh3', 'new character'],
  ['d%', 'fate'],
  ['1d20', ''],
] as const

export const SEARCHES = ['keep', 'lantern', 'rules', 'dice', 'stars', 'glass', 'pulp', 'orchard'] as const
