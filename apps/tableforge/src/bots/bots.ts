import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { nameOf, PIECES, ROOM_NAMES } from './cast.js'
import { between, chance, pickPopular, pickWeighted, thinkingTime } from './chance.js'
import { HABITS } from './habits.js'
import { Seat, type View } from './seat.js'

export interface BotsOptions {
  /** Where the server is; they reach it as anyone does. */
  readonly url: string
  readonly count: number
  readonly logger: Logger
}

export interface Bots {
  /** They stop at once; resolves when all have gone. */
  stop(): Promise<void>
}

/** The mean pause between two things that a person does, in milliseconds. */
const THINKING_MS = 3_000
/** They arrive one after another during this time. */
const ARRIVAL_MS = 6_000
/** One in so many has a room of their own. */
const HOSTS = 6

/** Simulated players: people who look more than they do, favour what others favour, leave and come back. */
export function startBots({ url, count, logger }: BotsOptions): Bots {
  const controller = new AbortController()
  // Every pause and request of every player listens to this one signal.
  setMaxListeners(0, controller.signal)
  const lives = Array.from({ length: count }, (_, index) =>
    live(index, url, (index * ARRIVAL_MS) / count, logger, controller.signal),
  )
  return {
    async stop() {
      controller.abort()
      await Promise.allSettled(lives)
    },
  }
}

async function live(index: number, url: string, delayMs: number, logger: Logger, signal: AbortSignal): Promise<void> {
  const seat = new Seat(url, signal)
  try {
    await sleep(delayMs, undefined, { signal })
    while (!signal.aborted) {
      try {
        await visit(seat, index, signal)
      } catch (error) {
        if (signal.aborted) return
        logger.debug({ err: error, bot: nameOf(index) }, 'a simulated player was interrupted')
        seat.disconnect()
      }
      await sleep(between(3_000, 15_000), undefined, { signal })
    }
  } catch (error) {
    if (!signal.aborted) logger.warn({ err: error, bot: nameOf(index) }, 'a simulated player went home')
  } finally {
    seat.disconnect()
  }
}

/** One evening: in, to a table, some minutes of play, away. */
async function visit(seat: Seat, index: number, signal: AbortSignal): Promise<void> {
  if (seat.user === undefined) await seat.signIn(nameOf(index))
  const roomId = await chooseRoom(seat, index, signal)
  const view = await seat.sitDown(roomId)
  await seat.call('chat.page', { roomId })
  await seat.call('assets.ofRoom', { roomId })
  if (view.role === 'gm') await prepareTable(seat, view)
  const until = Date.now() + between(60_000, 240_000)
  while (Date.now() < until && seat.view !== undefined) {
    await sleep(thinkingTime(THINKING_MS), undefined, { signal })
    if (seat.view !== undefined) await actOnce(seat, seat.view, signal)
  }
  await seat.standUp()
  if (chance(0.1) && view.role !== 'gm') await seat.call('room.leave', { roomId })
  if (chance(0.2)) await seat.signOut()
  else seat.disconnect()
}

/** What the server refuses, a person shrugs off. */
async function actOnce(seat: Seat, view: View, signal: AbortSignal): Promise<void> {
  const possible = HABITS.filter(({ who }) => who === undefined || view.role === 'gm' || who === view.role)
  try {
    await pickWeighted(possible).act(seat, view, signal)
  } catch (error) {
    if (signal.aborted || !(error instanceof Error) || error.name === 'TypeError') throw error
  }
}

/** Looks through the lobby as a person does, then goes to a room of their own or to one that many go to. */
async function chooseRoom(seat: Seat, index: number, signal: AbortSignal): Promise<string> {
  const { call } = seat
  const [{ rooms: mine }, { rooms: popular }] = await Promise.all([call('rooms.mine', {}), call('rooms.popular', {})])
  await call('notifications.list', {})
  await sleep(thinkingTime(THINKING_MS / 2), undefined, { signal })
  const { rooms: newest } = await call('rooms.list', {})
  const own = mine.find(({ role }) => role === 'gm')
  if (index % HOSTS === 1) return own?.id ?? (await openRoom(seat, index))
  const known = mine.filter(({ visibility }) => visibility === 'public')
  const wanted =
    chance(0.6) && known.length > 0 ? pickPopular(known) : pickPopular(popular.length > 0 ? popular : newest)
  if (wanted === undefined) return openRoom(seat, index)
  await call('room.get', { roomId: wanted.id })
  await call('room.join', { roomId: wanted.id, as: chance(0.1) ? 'spectator' : 'player' })
  return wanted.id
}

async function openRoom({ call }: Seat, index: number): Promise<string> {
  const { systems } = await call('systems.list', {})
  const system = pickPopular(systems)
  if (system === undefined) throw new Error('there is no game system')
  const name = ROOM_NAMES[Math.floor(index / HOSTS) % ROOM_NAMES.length]!
  return (await call('rooms.create', { name, systemId: system.id })).id
}

/** An empty table gets a deck and some pieces. */
async function prepareTable({ call }: Seat, { roomId, state }: View): Promise<void> {
  if (state.decks.length === 0) await call('decks.add', { roomId, name: 'Deck' })
  const missing = PIECES.slice(state.tokens.length, 6)
  for (const [index, name] of missing.entries())
    await call('tokens.add', { roomId, name, x: 3 + 2 * index, y: 4 + (index % 4) * 2 })
}
