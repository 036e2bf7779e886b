import { type Picture, takePicture } from './picture.js'
import { alertLines, figureLines, missingLines, statusText, trailLines } from './print.js'
import type { Source } from './source.js'
import { clip, type Terminal } from './terminal.js'

export interface WatchOptions {
  readonly everyMs: number
  /** Ends after so many pictures; endless without. */
  readonly count: number | undefined
  readonly json: boolean
  readonly signal: AbortSignal
}

const WINDOW_MS = 60_000
const SHOWN_TRAIL = 8
/** q, Ctrl-C and Ctrl-D. */
const QUIT = ['q', 'Q', '\u0003', '\u0004']
const ALTERNATE_SCREEN = '\u001b[?1049h\u001b[?25l'
const BACK = '\u001b[?25h\u001b[?1049l'

/**
 * The live view: the picture is taken anew every so often. On a terminal it fills a screen of its own, which is given
 * back however the command ends; elsewhere each picture is printed below the last, with `--json` as one line.
 */
export async function watch(source: Source, terminal: Terminal, options: WatchOptions): Promise<void> {
  const { stdout } = terminal.streams
  const screen = terminal.interactive && !options.json
  const abort = new AbortController()
  const leave = () => abort.abort()
  options.signal.addEventListener('abort', leave, { once: true })
  const keys = screen ? listenForQuit(terminal, leave) : () => undefined
  if (screen) stdout.write(ALTERNATE_SCREEN)
  try {
    for (let taken = 0; options.count === undefined || taken < options.count; taken += 1) {
      if (taken > 0) await pause(options.everyMs, abort.signal)
      if (abort.signal.aborted || options.signal.aborted) return
      const picture = await takePicture(source, { windowMs: WINDOW_MS, trail: SHOWN_TRAIL })
      if (options.json) terminal.line(JSON.stringify(picture))
      else if (screen) stdout.write(screenOf(terminal, source, picture))
      else terminal.line(linesOf(terminal, source, picture).join('\n'))
    }
  } finally {
    options.signal.removeEventListener('abort', leave)
    keys()
    if (screen) stdout.write(BACK)
  }
}

function linesOf(terminal: Terminal, source: Source, picture: Picture): string[] {
  const { at, figures, health, trail, alerts, missing } = picture
  const time = new Date(at).toTimeString().slice(0, 8)
  return [
    `${terminal.style('bold', 'TableForge Cache')}  ${source.name}  ${statusText(terminal, health.status)}  ${terminal.style('dim', time)}`,
    ...missingLines(terminal, missing),
    '',
    ...(figures === null ? [] : [...figureLines(terminal, figures), '']),
    ...(alerts === undefined ? [] : [...alertLines(terminal, alerts), '']),
    terminal.style('dim', 'LAST INVALIDATIONS'),
    ...(trail.length === 0 ? ['none'] : trailLines(terminal, trail.toReversed())),
    '',
  ]
}

/** Written over the old picture line by line, so that nothing flickers. */
function screenOf(terminal: Terminal, source: Source, picture: Picture): string {
  const lines = linesOf(terminal, source, picture).slice(0, terminal.rows - 1)
  const shown = lines.map((line) => `${clip(line, terminal.columns)}\u001b[K`)
  return `\u001b[H${shown.join('\n')}\n${terminal.style('dim', 'q to leave')}\u001b[K\u001b[J`
}

/** In raw mode Ctrl-C arrives as a character, too. */
function listenForQuit({ streams: { stdin } }: Terminal, leave: () => void): () => void {
  const onData = (data: Buffer | string) => {
    if ([...String(data)].some((key) => QUIT.includes(key))) leave()
  }
  stdin.setRawMode?.(true)
  stdin.on('data', onData)
  stdin.resume()
  return () => {
    stdin.off('data', onData)
    stdin.setRawMode?.(false)
    stdin.pause()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}
