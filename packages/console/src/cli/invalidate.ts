import type { Action, ActionRecord, ActionTarget } from '../wire.js'
import { CliError, EXIT, type ExitCode } from './exit-codes.js'
import { previewLines } from './print.js'
import type { Source } from './source.js'
import { printable, type Terminal } from './terminal.js'

export interface InvalidateOptions {
  readonly key?: string
  readonly tag?: string
  readonly pattern?: string
  readonly regex?: string
  readonly everything?: boolean
  readonly expire?: boolean
  readonly reason?: string
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

const KINDS = ['key', 'tag', 'pattern', 'regex'] as const

/** Shows what it would hit, asks, does it. Where nobody can be asked, only `--yes` is an answer. */
export async function invalidate(source: Source, terminal: Terminal, options: InvalidateOptions): Promise<ExitCode> {
  const action = actionOf(options)
  const preview = await source.preview(action)
  if (options.dryRun === true) {
    if (options.json === true) terminal.json(preview)
    else for (const line of previewLines(terminal, preview)) terminal.line(line)
    return EXIT.ok
  }
  if (options.yes !== true) {
    for (const line of previewLines(terminal, preview)) terminal.error(line)
    if (!terminal.interactive)
      throw new CliError(EXIT.notConfirmed, 'nobody to ask here: --yes confirms, --dry-run only shows')
    if (!(await terminal.confirm('Do it?'))) throw new CliError(EXIT.notConfirmed, 'nothing was done')
  }
  const record = await source.run(preview, options.reason ?? 'by tfcache')
  report(terminal, record, options.json === true)
  return record.outcome === 'done' ? EXIT.ok : EXIT.failed
}

function report(terminal: Terminal, record: ActionRecord, json: boolean): void {
  if (json) {
    terminal.json(record)
    return
  }
  const text = `${printable(record.summary)}: ${printable(record.result)}`
  if (record.outcome === 'done') terminal.line(`${terminal.style('green', '✓')} ${text}`)
  else terminal.error(`${terminal.style('red', '✕')} ${text}`)
}

function actionOf(options: InvalidateOptions): Action {
  const named = KINDS.filter((kind) => options[kind] !== undefined)
  const [kind] = named
  if (named.length + (options.everything === true ? 1 : 0) !== 1 || kind === undefined) {
    if (named.length === 0 && options.everything === true) return clearing(options)
    throw new CliError(EXIT.usage, 'invalidate: expected exactly one of --key, --tag, --pattern, --regex, --everything')
  }
  const target = { [kind]: options[kind] } as unknown as ActionTarget
  return { type: 'invalidate', target, mode: options.expire === true ? 'expire' : 'delete' }
}

/** A clear has no soft form: whatever was stored before it is gone at once, on every node. */
function clearing({ expire }: InvalidateOptions): Action {
  if (expire === true)
    throw new CliError(
      EXIT.usage,
      "--expire: not with --everything, which keeps nothing for its grace; --pattern '*' --expire does that",
    )
  return { type: 'clear' }
}
