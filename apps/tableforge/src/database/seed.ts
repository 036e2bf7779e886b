import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { STANDARD_DECK, shuffled } from '../domain/playing-cards.js'
import { newId } from '../identifiers.js'
import type { Database } from './database.js'
import { assets, cards, decks, gameSystems, memberships, rooms, settings, tokens, users } from './schema.js'

const IDENTITY = 'identity'

/** The name of the demo room's address. */
export const DEMO_SLUG = 'the-sunken-keep'

const SYSTEMS = [
  {
    id: 'embers',
    name: 'Embers & Oaths',
    description: 'Heroic fantasy with a twenty-sided die: roll, add what you are good at, beat the difficulty.',
    defaultDice: '1d20',
    attributes: ['Might', 'Grace', 'Wit', 'Heart'],
    rules:
      'Roll 1d20 and add an attribute. 10 is easy, 15 is hard, 20 is a tale to tell. A natural 20 always succeeds.',
  },
  {
    id: 'pulp-six',
    name: 'Pulp Six',
    description: 'Fast cinematic adventure with handfuls of six-sided dice. Every 5 and 6 is a success.',
    defaultDice: '4d6',
    attributes: ['Muscle', 'Moxie', 'Smarts'],
    rules: 'Roll as many d6 as your attribute. Each 5 or 6 is a success. One does it, two do it well, three in style.',
  },
  {
    id: 'hollow-stars',
    name: 'Hollow Stars',
    description: 'Quiet horror between the stars. Percentile dice, and oxygen that runs out.',
    defaultDice: '1d100',
    attributes: ['Nerve', 'Hands', 'Eyes', 'Air'],
    rules: 'Roll 1d100 at or under your attribute. Failing costs Air. At no Air, roll on what the dark wants.',
  },
] as const

const PIECES = [
  { name: 'Aelis', x: 3, y: 8, size: 1, color: '#2563eb' },
  { name: 'Brann', x: 4, y: 9, size: 1, color: '#b45309' },
  { name: 'Ciro', x: 2, y: 10, size: 1, color: '#15803d' },
  { name: 'Dagna', x: 5, y: 8, size: 1, color: '#9333ea' },
  { name: 'Rat', x: 12, y: 5, size: 1, color: '#78716c' },
  { name: 'Ogre', x: 14, y: 7, size: 2, color: '#be123c' },
  { name: 'Lantern', x: 9, y: 9, size: 1, color: '#eab308' },
] as const

/** Puts the demo table into a new database. Returns the identity of the database, new or not. */
export async function seed(db: Database): Promise<string> {
  return db.transaction(async (tx) => {
    const [known] = await tx.select().from(settings).where(eq(settings.key, IDENTITY))
    if (known !== undefined) return String(known.value)
    const identity = newId()
    const now = new Date()
    await tx.insert(settings).values([
      { key: IDENTITY, value: identity },
      {
        key: 'public',
        value: { title: 'TableForge', notice: 'Welcome to the table. Pick a name, pull up a chair.', maxDice: 100 },
      },
    ])
    const host = { id: newId(), name: 'Ondine', nameKey: 'ondine', color: '#0f766e', bio: 'Keeper of the demo table.' }
    await tx.insert(users).values({ ...host, createdAt: now })
    await tx.insert(gameSystems).values(
      SYSTEMS.map(({ rules: _, ...system }) => ({
        ...system,
        attributes: [...system.attributes],
        maintainerId: host.id,
        updatedAt: now,
      })),
    )
    await tx.insert(assets).values(SYSTEMS.map((system) => quickRules(system, host.id, now)))
    await seedRoom(tx, host.id, now)
    return identity
  })
}

async function seedRoom(tx: Database, hostId: string, now: Date): Promise<void> {
  const roomId = newId()
  const deckId = newId()
  await tx.insert(rooms).values({
    id: roomId,
    slug: DEMO_SLUG,
    name: 'The Sunken Keep',
    systemId: 'embers',
    visibility: 'public',
    boardWidth: 24,
    boardHeight: 16,
    boardBackground: '#2c6650',
    createdAt: now,
  })
  await tx.insert(memberships).values({ roomId, userId: hostId, role: 'gm', joinedAt: now })
  await tx
    .insert(tokens)
    .values([
      ...PIECES.map((piece) => ({ id: newId(), roomId, ...piece, updatedAt: now })),
      { id: newId(), roomId, name: 'Lurker', x: 18, y: 3, size: 1, color: '#111827', hidden: true, updatedAt: now },
    ])
  await tx.insert(decks).values({ id: deckId, roomId, name: 'Fortune' })
  await tx
    .insert(cards)
    .values(
      shuffled(STANDARD_DECK).map((face, position) => ({ id: newId(), deckId, face, pile: 'draw' as const, position })),
    )
}

function quickRules(system: (typeof SYSTEMS)[number], ownerId: string, now: Date) {
  const content = Buffer.from(`${system.name}\n\n${system.rules}\n`)
  return {
    id: newId(),
    systemId: system.id,
    ownerId,
    name: `${system.name}: quick rules`,
    kind: 'handout' as const,
    access: 'public' as const,
    contentType: 'text/plain',
    bytes: content.byteLength,
    fingerprint: createHash('sha256').update(content).digest('hex'),
    content,
    createdAt: now,
  }
}
