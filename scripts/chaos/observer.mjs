import { setTimeout as pause } from 'node:timers/promises'
import { MeasuredSeat } from './players.mjs'

const SAY_EVERY_MS = 1_100
const LOOK_EVERY_MS = 25
const LOOK_FOR_MS = 25_000

/**
 * Two people at one table, through two processes of the app: one says something once a second, and both look into the
 * chat. How long the answers lack what was said is how stale the cache is.
 *
 * @param {{ urls: readonly string[], signal: AbortSignal, note: (asked: import('./players.mjs').Asked) => void }}
 *   options
 */
export async function observe({ urls, signal, note }) {
  const [speaker, listener] = await Promise.all(
    [urls[0], urls.at(-1)].map((url) => new MeasuredSeat(/** @type {string} */ (url), signal, note)),
  )
  if (speaker === undefined || listener === undefined) throw new Error('there is no process to look at')
  const seen = { said: 0, missingAtOnce: 0, longestMs: 0, neverSeen: 0 }
  await speaker.signIn('Speaker')
  await listener.signIn('Listener')
  const { systems } = await speaker.call('systems.list', {})
  const systemId = /** @type {{ id: string }} */ (systems[0]).id
  const { id: roomId } = await speaker.call('rooms.create', { name: 'Echo', systemId })
  await listener.call('room.join', { roomId, as: 'player' })

  /** @param {MeasuredSeat} seat @param {string} text */
  const sees = async (seat, text) => {
    const { messages } = await seat.call('chat.page', { roomId })
    return messages.some((message) => JSON.stringify(message).includes(text))
  }

  const watching = (async () => {
    for (let count = 1; !signal.aborted; count++) {
      const text = `said ${count}.`
      try {
        if (speaker.view === undefined) await speaker.sitDown(roomId)
        await speaker.send('chat:say', { roomId, text })
        const acknowledged = performance.now()
        seen.said++
        if (!(await sees(speaker, text))) seen.missingAtOnce++
        for (;;) {
          const asked = performance.now()
          if (await sees(listener, text)) break
          seen.longestMs = Math.max(seen.longestMs, asked - acknowledged)
          if (asked - acknowledged > LOOK_FOR_MS) {
            seen.neverSeen++
            break
          }
          await pause(LOOK_EVERY_MS, undefined, { signal })
        }
      } catch {
        // What failed has been noted, and tells nothing about staleness.
        speaker.disconnect()
      }
      await pause(SAY_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  })()
  return { seen, ended: watching.finally(() => speaker.disconnect()) }
}
