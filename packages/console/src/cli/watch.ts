import type { AlertsView } from '@tableforge/cache'
import type { WireHealth } from '../wire.js'
import { CliError, EXIT, SilentTier } from './exit-codes.js'
import { alertLines, figureLines, statusText, trailLines } from './print.js'
import type { Figures, Source, TrailLine } from './source.js'
import { clip, printable, type Terminal } from './terminal.js'

export interface WatchOptions {
  readonly everyMs: number
  /** Ends after so many pictures; endless without. */
  readonly count: number | undefined
  readonly json: boolean
  readonly signal: AbortSignal
}

interface Picture {
  readonly at: number
  /** `null`: not known. */
  readonly figures: Figures | null
  readonly health: WireHealth
  readonly trail: readonly TrailLine[]
  readonly alerts: AlertsView | undefined
  /** What is not in the picture, and why. */
  readonly missing: readonly string[]
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
      const picture = await take(source)
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

/** What only the remote tier knows is missing while that is away; the rest is shown all the same. */
async function take(source: Source): Promise<Picture> {
  const missing: string[] = []
  const unless = async <T>(asked: Promise<T>, instead: (error: SilentTier) => Promise<T> | T): Promise<T> => {
    try {
      return await asked
    } catch (error) {
      if (error instanceof SilentTier) return instead(error)
      throw error
    }
  }
  const [figures, health, trail, alerts] = await Promise.all([
    unless<Figures | null>(source.figures({ windowMs: WINDOW_MS, scope: 'fleet' }), async ({ reason }) => {
      const own = await ownFigures(source)
      const whose = own === null ? 'no figures' : 'figures of the node that is asked alone'
      missing.push(`${whose}: the remote tier does not answer (${reason})`)
      return own
    }),
    source.health(),
    unless<readonly TrailLine[]>(source.trail(SHOWN_TRAIL), ({ message }) => {
      missing.push(`no invalidations: ${message}`)
      return []
    }),
    unless<AlertsView | undefined>(alertsOf(source), ({ message }) => {
      missing.push(`no alerts: ${message}`)
      return undefined
    }),
  ])
  return { at: Date.now(), figures, health, trail, alerts, missing }
}

/** Redis itself has no node of its own to tell of. */
async function ownFigures(source: Source): Promise<Figures | null> {
  return source.figures({ windowMs: WINDOW_MS, scope: 'node' }).catch((error: unknown) => {
    if (error instanceof CliError && error.exitCode === EXIT.usage) return null
    throw error
  })
}

/** A cache that judges nothing, and Redis itself, have no alerts. */
async function alertsOf(source: Source): Promise<AlertsView | undefined> {
  return source.alerts().catch((error: unknown) => {
    if (error instanceof CliError && !(error instanceof SilentTier) && error.exitCode === EXIT.notKnown)
      return undefined
    throw error
  })
}

function linesOf(terminal: Terminal, source: Source, picture: Picture): string[] {
  const { at, figures, health, trail, alerts, missing } = picture
  const time = new Date(at).toTimeString().slice(0, 8)
  return [
    `${terminal.style('bold', 'TableForge Cache')}  ${source.name}  ${statusText(terminal, health.status)}  ${terminal.style('dim', time)}`,
    ...missing.map((what) => terminal.style('yellow', `▲ ${printable(what)}`)),
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
