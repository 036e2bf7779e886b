const QUIET_MS = 15_000

/** @param {number} since a reading of performance.now() */
export const secondsSince = (since) => (performance.now() - since) / 1000

/**
 * Shows that a long step is under way: on a terminal one line that counts the seconds, elsewhere (a log file) a line
 * at the start and one every 15 seconds. Nothing remains on the terminal when it ends.
 *
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @param {NodeJS.WriteStream} [out]
 * @returns {Promise<T>}
 */
export async function withProgress(label, work, out = process.stderr) {
  const started = performance.now()
  const show = out.isTTY
    ? () => out.write(`\r\x1b[K${label} … ${secondsSince(started).toFixed(0)} s`)
    : () => out.write(`${label} … ${secondsSince(started).toFixed(0)} s\n`)
  out.write(out.isTTY ? label : `${label} …\n`)
  const timer = setInterval(show, out.isTTY ? 1000 : QUIET_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    if (out.isTTY) out.write('\r\x1b[K')
  }
}

/**
 * {@link withProgress} for those who show themselves what is under way.
 *
 * @template T
 * @param {string} _label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export const inSilence = (_label, work) => work()
