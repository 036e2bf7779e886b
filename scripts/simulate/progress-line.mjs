const TERMINAL_MS = 100
const LOG_MS = 10_000

/**
 * What is under way, on standard error: one line that is written over on a terminal, a line every ten seconds
 * elsewhere.
 */
export class ProgressLine {
  #toldAt = performance.now()

  /** @param {string} text */
  tell(text) {
    const now = performance.now()
    if (now - this.#toldAt < (process.stderr.isTTY ? TERMINAL_MS : LOG_MS)) return
    this.#toldAt = now
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
  }

  /** Leaves nothing behind on a terminal. */
  end() {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }
}
