import { and, asc, desc, eq, inArray, max, type SQL, sql } from 'drizzle-orm'
import { cards, decks } from '../database/schema.js'
import { newId } from '../identifiers.js'
import type { Card, Deck, RoomPatch } from '../protocol.js'
import { decksOf, handOf } from '../queries/rooms.js'
import { requireGm, requireMember, requirePlayer } from './access.js'
import { type Actor, type Domain, nextVersion } from './domain.js'
import { STANDARD_DECK, shuffled } from './playing-cards.js'
import { conflict, forbidden, notFound } from './refusal.js'

/**
 * Order and hands are read from the database only, inside the transaction that changes them. The room's row, which
 * every such transaction locks first, makes them take turns.
 */

export async function hand(domain: Domain, userId: string, roomId: string): Promise<Card[]> {
  await requireMember(domain, userId, roomId)
  return handOf(domain.db, roomId, userId)
}

export async function addDeck(domain: Domain, actor: Actor, roomId: string, name: string): Promise<Deck> {
  await requireGm(domain, actor.user.id, roomId)
  const deckId = newId()
  return changed(domain, actor, roomId, deckId, [], async (tx) => {
    await tx.insert(decks).values({ id: deckId, roomId, name })
    await tx.insert(cards).values(
      shuffled(STANDARD_DECK).map((face, position) => ({
        id: newId(),
        deckId,
        face,
        pile: 'draw' as const,
        position,
      })),
    )
  })
}

export async function removeDeck(domain: Domain, actor: Actor, roomId: string, deckId: string): Promise<void> {
  await requireGm(domain, actor.user.id, roomId)
  const { patch, handsOf } = await domain.db.transaction(async (tx) => {
    const version = await nextVersion(tx, roomId)
    await requireDeck(tx, roomId, deckId)
    const holders = await holdersOf(tx, deckId)
    await tx.delete(decks).where(eq(decks.id, deckId))
    return { patch: { roomId, version, changes: [{ type: 'deck.removed' as const, deckId }] }, handsOf: holders }
  })
  await domain.raise('deck.changed', { patch, handsOf }, { actor: actor.user.id })
}

/** What `gather` says goes into the draw pile, which is then put into a new random order. */
export async function shuffle(
  domain: Domain,
  actor: Actor,
  { roomId, deckId, gather }: { roomId: string; deckId: string; gather: 'none' | 'discards' | 'all' },
): Promise<Deck> {
  const role = await requirePlayer(domain, actor.user.id, roomId)
  if (gather === 'all' && role !== 'gm') throw forbidden('Only game masters take the cards out of hands.')
  const handsOf: string[] = []
  return changed(domain, actor, roomId, deckId, handsOf, async (tx) => {
    await requireDeck(tx, roomId, deckId)
    if (gather === 'all') handsOf.push(...(await holdersOf(tx, deckId)))
    const taken = { none: ['draw'], discards: ['draw', 'discard'], all: ['draw', 'discard', 'hand'] } as const
    await intoDrawPile(tx, deckId, inArray(cards.pile, [...taken[gather]]))
  })
}

/** As many as there are, when fewer than asked for. */
export async function draw(
  domain: Domain,
  actor: Actor,
  { roomId, deckId, count }: { roomId: string; deckId: string; count: number },
): Promise<Card[]> {
  await requirePlayer(domain, actor.user.id, roomId)
  let drawn: Card[] = []
  await changed(domain, actor, roomId, deckId, [actor.user.id], async (tx) => {
    await requireDeck(tx, roomId, deckId)
    drawn = await tx
      .select({ id: cards.id, deckId: cards.deckId, face: cards.face })
      .from(cards)
      .where(and(eq(cards.deckId, deckId), eq(cards.pile, 'draw')))
      .orderBy(desc(cards.position))
      .limit(count)
      .for('update')
    if (drawn.length === 0) throw conflict('The draw pile is empty. Shuffle the discarded cards back into it.')
    await tx
      .update(cards)
      .set({ pile: 'hand', holderId: actor.user.id })
      .where(
        inArray(
          cards.id,
          drawn.map(({ id }) => id),
        ),
      )
  })
  return drawn
}

/** All of them or none: a card that is not in the actor's hand refuses the whole. */
export async function discard(
  domain: Domain,
  actor: Actor,
  { roomId, deckId, cardIds }: { roomId: string; deckId: string; cardIds: readonly string[] },
): Promise<Card[]> {
  await requirePlayer(domain, actor.user.id, roomId)
  const wanted = [...new Set(cardIds)]
  await changed(domain, actor, roomId, deckId, [actor.user.id], async (tx) => {
    await requireDeck(tx, roomId, deckId)
    const own = await tx
      .select({ id: cards.id })
      .from(cards)
      .where(and(eq(cards.deckId, deckId), eq(cards.holderId, actor.user.id), inArray(cards.id, wanted)))
      .for('update')
    if (own.length !== wanted.length) throw conflict('Not all of these cards are in your hand.')
    const [top] = await tx
      .select({ position: max(cards.position) })
      .from(cards)
      .where(and(eq(cards.deckId, deckId), eq(cards.pile, 'discard')))
    const first = (top?.position ?? -1) + 1
    for (const [index, id] of wanted.entries()) {
      await tx
        .update(cards)
        .set({ pile: 'discard', holderId: null, position: first + index })
        .where(eq(cards.id, id))
    }
  })
  return handOf(domain.db, roomId, actor.user.id)
}

/** Puts what a user holds in a room back into its draw piles. `undefined` when they hold nothing. */
export async function returnCards(tx: Domain['db'], roomId: string, userId: string): Promise<RoomPatch | undefined> {
  const held = await handOf(tx, roomId, userId)
  if (held.length === 0) return undefined
  const version = await nextVersion(tx, roomId)
  const changes: RoomPatch['changes'] = []
  for (const deckId of new Set(held.map((card) => card.deckId))) {
    const own = and(eq(cards.pile, 'hand'), eq(cards.holderId, userId))
    await intoDrawPile(tx, deckId, sql`(${cards.pile} = 'draw' or (${own}))`)
    const [deck] = await decksOf(tx, roomId, deckId)
    changes.push({ type: 'deck.put', deck: deck! })
  }
  return { roomId, version, changes }
}

/** Does `work` on a deck in a transaction, then tells everybody what may be known of the deck. */
async function changed(
  domain: Domain,
  actor: Actor,
  roomId: string,
  deckId: string,
  handsOf: readonly string[],
  work: (tx: Domain['db']) => Promise<void>,
): Promise<Deck> {
  const { deck, version } = await domain.db.transaction(async (tx) => {
    const version = await nextVersion(tx, roomId)
    await work(tx)
    const [deck] = await decksOf(tx, roomId, deckId)
    return { deck: deck!, version }
  })
  const patch = { roomId, version, changes: [{ type: 'deck.put' as const, deck }] }
  await domain.raise('deck.changed', { patch, handsOf }, { actor: actor.user.id })
  return deck
}

async function intoDrawPile(tx: Domain['db'], deckId: string, which: SQL | undefined): Promise<void> {
  const taken = await tx
    .select({ id: cards.id })
    .from(cards)
    .where(and(eq(cards.deckId, deckId), which))
    .orderBy(asc(cards.id))
    .for('update')
  if (taken.length === 0) return
  const order = sql.join(
    shuffled(taken).map(({ id }, position) => sql`(${id}::text, ${position}::integer)`),
    sql`, `,
  )
  await tx.execute(
    sql`update ${cards} set pile = 'draw', holder_id = null, position = shuffled.position
        from (values ${order}) as shuffled (id, position) where ${cards.id} = shuffled.id`,
  )
}

async function holdersOf(tx: Domain['db'], deckId: string): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ id: cards.holderId })
    .from(cards)
    .where(and(eq(cards.deckId, deckId), eq(cards.pile, 'hand')))
  return rows.flatMap(({ id }) => (id === null ? [] : [id]))
}

async function requireDeck(tx: Domain['db'], roomId: string, deckId: string): Promise<void> {
  const [deck] = await tx
    .select({ id: decks.id })
    .from(decks)
    .where(and(eq(decks.id, deckId), eq(decks.roomId, roomId)))
    .for('update')
  if (deck === undefined) throw notFound('deck in this room')
}
