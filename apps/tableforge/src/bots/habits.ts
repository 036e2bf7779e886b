import { setTimeout as sleep } from 'node:timers/promises'
import type { LeaderboardType, Period } from '../protocol.js'
import { LINES, PIECES, ROLLS, SEARCHES, SECRETS } from './cast.js'
import { between, chance, pick, pickPopular } from './chance.js'
import type { Seat, View } from './seat.js'

/** Something that a person does at a table; `weight`: how often compared with the others. */
export interface Habit {
  readonly name: string
  readonly weight: number
  readonly who?: 'gm' | 'player'
  readonly act: (seat: Seat, view: View, signal: AbortSignal) => Promise<unknown>
}

/** People at a table look about ten times as often as they do something. */
export const HABITS: readonly Habit[] = [
  { name: 'look at the board again', weight: 12, act: ({ call }, { roomId }) => call('room.state', { roomId }) },
  { name: 'read the chat', weight: 16, act: ({ call }, { roomId }) => call('chat.page', { roomId }) },
  { name: 'scroll back', weight: 4, act: scrollBack },
  { name: 'see who is here', weight: 8, act: ({ call }, { roomId }) => call('players.list', { roomId }) },
  { name: "open somebody's profile", weight: 9, act: openProfile },
  { name: 'look into the rules', weight: 8, act: readRules },
  { name: 'browse the files of the room', weight: 7, act: browseFiles },
  { name: 'look at the standings', weight: 5, act: lookAtStandings },
  { name: 'glance at the lobby', weight: 5, act: ({ call }) => call('rooms.popular', {}) },
  { name: 'check notifications', weight: 5, act: checkNotifications },
  { name: 'search', weight: 3, act: ({ call }) => call('search', { q: pickPopular(SEARCHES) ?? SEARCHES[0] }) },
  {
    name: 'look at the figures of the room',
    weight: 2,
    act: ({ call }, { roomId }) => call('room.figures', { roomId }),
  },
  { name: 'look at the new files', weight: 2, act: ({ call }) => call('assets.recent', {}) },
  { name: 'look at one’s hand', weight: 4, act: ({ call }, { roomId }) => call('hand.get', { roomId }) },
  { name: 'move a piece', weight: 7, who: 'player', act: movePiece },
  { name: 'roll', weight: 5, who: 'player', act: rollDice },
  {
    name: 'say something',
    weight: 4,
    act: (seat, { roomId }) => seat.send('chat:say', { roomId, text: pick(LINES) ?? LINES[0] }),
  },
  { name: 'whisper', weight: 1, act: whisper },
  { name: 'play cards', weight: 3, who: 'player', act: playCards },
  { name: 'flip a piece', weight: 0.5, who: 'player', act: flipPiece },
  { name: 'upload a handout', weight: 0.3, who: 'player', act: upload },
  { name: 'award points', weight: 1, who: 'gm', act: award },
  { name: 'prepare a piece', weight: 0.5, who: 'gm', act: preparePiece },
  { name: 'shuffle', weight: 0.3, who: 'gm', act: shuffle },
]

async function scrollBack({ call }: Seat, { roomId }: View) {
  const newest = await call('chat.page', { roomId })
  if (newest.pages > 1) await call('chat.page', { roomId, page: Math.max(0, newest.pages - 2) })
}

async function openProfile({ call }: Seat, { players }: View) {
  const somebody = pickPopular(players)
  if (somebody !== undefined) await call('profile.get', { userId: somebody.id })
}

async function readRules({ call }: Seat, { state }: View) {
  await call('systems.get', { systemId: state.systemId })
  if (chance(0.4)) await call('assets.ofSystem', { systemId: state.systemId })
}

async function browseFiles({ call }: Seat, { roomId }: View) {
  const { assets } = await call('assets.ofRoom', { roomId })
  const shown = assets.slice(0, 6).map(({ id }) => id)
  if (shown.length > 0 && chance(0.4)) await call('assets.batch', { ids: shown.join(',') })
}

async function lookAtStandings({ call }: Seat) {
  const type: LeaderboardType = chance(0.7) ? 'score' : 'rolls'
  const period: Period = pickPopular(['week', 'day', 'all'] as const) ?? 'week'
  await call('leaderboard', { type, period })
}

async function checkNotifications({ call }: Seat) {
  const { unread } = await call('notifications.list', {})
  if (unread > 0 && chance(0.5)) await call('notifications.read', {})
}

/** Drags a piece across a few cells: a dozen positions a second, as a hand on a mouse does. */
async function movePiece(seat: Seat, { roomId, state, role }: View, signal: AbortSignal) {
  const mine = state.tokens.filter(({ ownerId }) => role === 'gm' || ownerId === null || ownerId === seat.user?.id)
  const token = pickPopular(mine)
  if (token === undefined) return
  const clamp = (value: number, cells: number) => Math.min(cells - token.size, Math.max(0, value))
  const target = {
    x: clamp(Math.round(token.x + between(-4, 4)), state.board.width),
    y: clamp(Math.round(token.y + between(-3, 3)), state.board.height),
  }
  const steps = Math.ceil(between(3, 8))
  for (let step = 1; step <= steps; step++) {
    const along = (from: number, to: number) => from + ((to - from) * step) / steps
    await seat.send('token:move', {
      roomId,
      tokenId: token.id,
      x: along(token.x, target.x),
      y: along(token.y, target.y),
    })
    if (step < steps) await sleep(80, undefined, { signal })
  }
}

function rollDice(seat: Seat, { roomId }: View) {
  const [notation, label] = pick(ROLLS) ?? ROLLS[0]
  return seat.send('dice:roll', { roomId, notation, label })
}

async function whisper(seat: Seat, { roomId, players }: View) {
  const other = pick(players.filter(({ id }) => id !== seat.user?.id))
  if (other !== undefined) await seat.send('chat:whisper', { roomId, to: other.id, text: pick(SECRETS) ?? SECRETS[0] })
}

async function playCards({ call }: Seat, { roomId, state, hand }: View) {
  const deck = pick(state.decks)
  if (deck === undefined) return
  const own = hand.filter(({ deckId }) => deckId === deck.id)
  const first = own[0]
  if (first !== undefined && (own.length >= 5 || chance(0.4))) {
    await call('decks.discard', { roomId, deckId: deck.id, cardIds: [first.id] })
  } else if (deck.drawCount > 0) {
    await call('decks.draw', { roomId, deckId: deck.id, count: 1 })
  } else {
    await call('decks.shuffle', { roomId, deckId: deck.id, gather: 'discards' })
  }
}

async function flipPiece(seat: Seat, { roomId, state }: View) {
  const own = pick(state.tokens.filter(({ ownerId }) => ownerId === seat.user?.id))
  if (own !== undefined) await seat.call('tokens.flip', { roomId, tokenId: own.id })
}

/** Keeps two handouts at most; an older one goes. */
async function upload({ call, user }: Seat, { roomId }: View) {
  const { assets } = await call('assets.ofRoom', { roomId })
  const own = assets.filter(({ ownerId }) => ownerId === user?.id)
  const oldest = own.at(-1)
  if (oldest !== undefined && own.length >= 2) await call('assets.delete', { assetId: oldest.id })
  const text = Array.from({ length: 5 }, () => pick(LINES)).join('\n')
  const access = chance(0.3) ? 'public' : chance(0.2) ? 'private' : 'room'
  const file = new Blob([text], { type: 'text/plain' })
  await call('assets.upload', { roomId, name: `Notes of ${user?.name}`, kind: 'handout', access }, file)
}

async function award({ call }: Seat, { roomId, players }: View) {
  const somebody = pick(players.filter(({ role }) => role === 'player'))
  if (somebody === undefined) return
  await call('players.award', { roomId, userId: somebody.id, points: Math.ceil(between(0, 10)) })
}

/** Puts a hidden piece on the board, or reveals one that waits; clears away when there are many. */
async function preparePiece({ call }: Seat, { roomId, state }: View) {
  const { tokens } = await call('room.state', { roomId })
  const hidden = tokens.find((token) => token.hidden)
  if (hidden !== undefined) return call('tokens.setHidden', { roomId, tokenId: hidden.id, hidden: false })
  const surplus = tokens[12]
  if (surplus !== undefined) return call('tokens.remove', { roomId, tokenId: surplus.id })
  const place = { x: Math.floor(between(0, state.board.width - 1)), y: Math.floor(between(0, state.board.height - 1)) }
  return call('tokens.add', { roomId, name: pick(PIECES) ?? PIECES[0], ...place, hidden: true })
}

async function shuffle({ call }: Seat, { roomId, state }: View) {
  const deck = pick(state.decks)
  if (deck !== undefined) await call('decks.shuffle', { roomId, deckId: deck.id, gather: 'discards' })
}
