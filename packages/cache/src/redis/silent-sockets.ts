/** What is looked at of a connection of ioredis: its socket, and the commands that wait for an answer. */
export interface WatchedConnection {
  readonly stream?: { readonly bytesRead: number; destroy(error: Error): unknown } | undefined
  readonly commandQueue?: { readonly length: number } | undefined
}

/** As many looks as one second apart: an answer that takes longer means that the other end is gone. */
const LOOKS = 5
const LOOK_EVERY_MS = 1_000

/**
 * Closes sockets from which nothing comes although answers are due, so that they are opened anew: TCP alone would take
 * minutes to notice that the other end has vanished. Silence is counted in looks, between any two of which the event
 * loop has read its sockets. A deadline, which is what the `socketTimeout` of ioredis is, passes just as well while
 * this process is too busy or too starved to read an answer that has long been there. Returns a function that stops
 * looking.
 */
export function closeSilentSockets(
  connections: () => readonly WatchedConnection[],
  lookEveryMs = LOOK_EVERY_MS,
): () => void {
  const silent = new WeakMap<object, { readonly bytesRead: number; readonly looks: number }>()
  const look = ({ stream, commandQueue }: WatchedConnection) => {
    if (stream === undefined || stream === null || commandQueue === undefined) return
    const { bytesRead } = stream
    const before = silent.get(stream)
    const looks = commandQueue.length > 0 && before?.bytesRead === bytesRead ? before.looks + 1 : 0
    silent.set(stream, { bytesRead, looks })
    if (looks >= LOOKS) stream.destroy(new Error(`nothing came for ${(looks * lookEveryMs) / 1_000} s`))
  }
  const timer = setInterval(() => connections().forEach(look), lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}
