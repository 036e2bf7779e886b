import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { pickWeighted, thinkingTime } from '../../apps/tableforge/dist/bots/chance.js'
import { HABITS } from '../../apps/tableforge/dist/bots/habits.js'
import { Seat } from '../../apps/tableforge/dist/bots/seat.js'

/**
 * What a player asked for and what came of it. `error` is what a player would call one: no answer, the server saying
 * that it failed, or being treated as a stranger. What the rules of the game refuse (a rate limit, a card that is gone)
 * is none.
 *
 * @typedef {{ began: number, durationMs: number, name: string, error: string | undefined }} Asked
 */

const SEATS = 6
/** What the rules of the game refuse. */
const REFUSALS = new Set([400, 403, 404, 409, 413, 429])
/** Over the socket a refusal has only words. */
const FAILURES = /our side|sign in first|timed out|not connected|websocket|xhr/i

/** @param {unknown} reason @returns {string | undefined} */
export function errorOf(reason) {
  if (!(reason instanceof Error)) return String(reason)
  if ('status' in reason) return REFUSALS.has(Number(reason.status)) ? undefined : `${reason.status} ${reason.message}`
  if (reason.name === 'Error' && !FAILURES.test(reason.message)) return undefined
  const cause = reason.cause instanceof Error ? ` (${reason.cause.message})` : ''
  return `${reason.message}${cause}`
}

/** A seat whose requests are measured. */
export class MeasuredSeat extends Seat {
  #note

  /** @param {string} url @param {AbortSignal} signal @param {(asked: Asked) => void} note */
  constructor(url, signal, note) {
    super(url, signal)
    this.#note = note
    const call = this.call
    this.call = /** @type {typeof call} */ ((name, input, file) => this.#measured(name, () => call(name, input, file)))
  }

  /** @override @type {Seat['send']} */
  send(name, payload) {
    return this.#measured(name, () => super.send(name, payload))
  }

  /** @template T @param {string} name @param {() => Promise<T>} act @returns {Promise<T>} */
  async #measured(name, act) {
    const began = performance.now()
    let error
    try {
      return await act()
    } catch (reason) {
      error = errorOf(reason)
      throw reason
    } finally {
      this.#note({ began, durationMs: performance.now() - began, name, error })
    }
  }
}

/**
 * Seats simulated players with the habits of TableForge's own, but in more of a hurry, spread over the processes of the
 * app.
 *
 * @param {{ urls: readonly string[], count: number, thinkingMs: number, note: (asked: Asked) => void }} options
 * @returns {Promise<() => Promise<void>>} sends them home
 */
export async function seatPlayers({ urls, count, thinkingMs, note }) {
  const controller = new AbortController()
  const { signal } = controller
  setMaxListeners(0, signal)
  /** @type {string[]} */
  const rooms = []
  const seats = []
  for (let index = 0; index < count; index++) {
    const noteUnlessOver = (/** @type {Asked} */ asked) => {
      if (!signal.aborted) note(asked)
    }
    const seat = new MeasuredSeat(/** @type {string} */ (urls[index % urls.length]), signal, noteUnlessOver)
    await seat.signIn(`Chaos ${index}`)
    if (index % SEATS === 0) rooms.push(await openRoom(seat))
    const roomId = /** @type {string} */ (rooms.at(-1))
    if (index % SEATS !== 0) await seat.call('room.join', { roomId, as: 'player' })
    seats.push({ seat, roomId })
  }
  const lives = seats.map(({ seat, roomId }) => play(seat, roomId, thinkingMs, signal))
  return async () => {
    controller.abort()
    await Promise.allSettled(lives)
  }
}

/** @param {Seat} seat */
async function openRoom({ call }) {
  const { systems } = await call('systems.list', {})
  const systemId = /** @type {{ id: string }} */ (systems[0]).id
  const { id: roomId } = await call('rooms.create', { name: 'Table in a storm', systemId })
  await call('decks.add', { roomId, name: 'Deck' })
  for (let piece = 0; piece < 4; piece++) await call('tokens.add', { roomId, name: `Piece ${piece}`, x: piece, y: 1 })
  return roomId
}

/** @param {Seat} seat @param {string} roomId @param {number} thinkingMs @param {AbortSignal} signal */
async function play(seat, roomId, thinkingMs, signal) {
  while (!signal.aborted) {
    try {
      const view = seat.view ?? (await seat.sitDown(roomId))
      const possible = HABITS.filter(({ who }) => who === undefined || view.role === 'gm' || who === view.role)
      await pickWeighted(possible).act(seat, view, signal)
    } catch (error) {
      // It has been noted. Who lost the connection takes the seat again.
      if (errorOf(error) !== undefined) seat.disconnect()
    }
    await pause(thinkingTime(thinkingMs), undefined, { signal }).catch(() => undefined)
  }
  seat.disconnect()
}
