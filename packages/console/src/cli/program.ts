import type { HeavyHitterMeasure } from '@tableforge/cache'
import { Command, CommanderError, Option } from 'commander'
import { hashPassword } from '../access/password-hash.js'
import { BadBody } from '../actions/parse.js'
import { type ConnectOptions, connect } from './connect.js'
import { CliError, EXIT, type ExitCode } from './exit-codes.js'
import { incidentLines, takeIncident } from './incident.js'
import { type InvalidateOptions, invalidate } from './invalidate.js'
import { asTyped } from './names.js'
import { alertLines, figureLines, healthLines, inspectionLines, topLines, trailLines } from './print.js'
import type { Source } from './source.js'
import { type Streams, Terminal } from './terminal.js'
import { VERSION } from './version.js'
import { watch } from './watch.js'

/** Options that stand before or after any command. */
interface Common extends ConnectOptions {
  readonly json?: boolean
  readonly color: boolean
}

const EXAMPLES = `
Examples:
  export TFCACHE_URL=https://shop.example/console TFCACHE_TOKEN=...
  tfcache stats --window 1h
  tfcache inspect room:state:r1
  tfcache invalidate --tag user:7 --reason 'GDPR request 4711'
  tfcache health --json | jq .status
  tfcache alerts || page-somebody

Without a console, on Redis itself:
  tfcache trail --redis redis://localhost:6379 --namespace shop

Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 unreachable or refused, 4 no such key,
5 unhealthy or critical, 6 degraded or warning, 7 not confirmed, 8 not known here,
9 no such namespace.`

/** Runs one command line; resolves with the exit code, with everything closed. Never rejects. */
export async function runCli(args: readonly string[], streams: Streams, signal: AbortSignal): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  const program = build(streams, signal, (exit) => {
    code = exit
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    // Help and version are told as errors, too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (signal.aborted) return code
    const message = error instanceof Error ? error.message : String(error)
    // An action that is none is refused in the words of the API, also where no console is asked.
    const refused = error instanceof BadBody
    streams.stderr.write(`tfcache: ${refused ? asTyped(message) : message}\n`)
    if (refused) return EXIT.usage
    return error instanceof CliError ? error.exitCode : EXIT.failed
  }
}

function build(streams: Streams, signal: AbortSignal, exit: (code: ExitCode) => void): Command {
  const program = new Command('tfcache')
    .description('Looks at a running cache, and acts on it: over its console, or on Redis itself.')
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
    })
    .exitOverride()
    .version(VERSION, '-V, --version', 'the version of tfcache')
    .showHelpAfterError('Try --help.')
    .addHelpText('after', EXAMPLES)

  /** A command with the common options, which is given where to ask and where to write. */
  const command: Define = <Options extends object>(
    name: string,
    description: string,
    example: string,
    run: Run<Options>,
  ) => {
    const one = program.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`)
    withCommon(one)
    one.action(async (...given: unknown[]) => {
      const options = one.opts<Options & Common>()
      const terminal = new Terminal(streams, options)
      const source = await connect(options, streams.env)
      try {
        exit((await run(source, terminal, options, typeof given[0] === 'string' ? given[0] : '')) ?? EXIT.ok)
      } finally {
        await source.close()
      }
    })
    return one
  }
  reading(command)
  acting(command)
  watching(command, signal)
  program
    .command('hash-password')
    .description('Reads a password from the input and prints its hash, for the passwordHash of the console.')
    .action(async () => {
      const password = await firstLineOf(streams.stdin)
      if (password.length < 12)
        throw new CliError(EXIT.usage, 'hash-password: expected at least 12 characters on the input')
      streams.stdout.write(`${await hashPassword(password)}\n`)
    })
  return program
}

/** What a command does; `argument` is '' where it takes none. */
type Run<Options> = (
  source: Source,
  terminal: Terminal,
  options: Options & Common,
  argument: string,
) => Promise<ExitCode | undefined>

type Define = <Options extends object>(name: string, description: string, example: string, run: Run<Options>) => Command

function withCommon(command: Command): void {
  command
    .option('--url <address>', 'a console, such as http://localhost:3000/console (TFCACHE_URL)')
    .option('--token <token>', 'its token (TFCACHE_TOKEN)')
    .option('--user <name>', 'or a name, with TFCACHE_PASSWORD (TFCACHE_USER)')
    .option('--redis <url>', 'Redis itself, without a console (TFCACHE_REDIS_URL)')
    .option('--namespace <name>', 'the namespace on that Redis (TFCACHE_NAMESPACE)')
    .option('--timeout <time>', 'give up after, such as 500ms (default: 10s)')
    .option('--json', 'for programs')
    .option('--no-color', 'no colours (also NO_COLOR)')
}

/** As many as a console keeps. */
const MOST_TRAIL = 1_000
const SCOPES = 'fleet, node (the one that is asked), or node:NAME'

function reading(command: Define): void {
  const print = (terminal: Terminal, { json }: Common, value: unknown, lines: () => readonly string[]) => {
    if (json === true) terminal.json(value)
    else for (const line of lines()) terminal.line(line)
  }
  command<{ window: string; scope: string }>(
    'stats',
    'Figures of the last while, by definition.',
    'tfcache stats --window 1h --scope fleet',
    async (source, terminal, options) => {
      const figures = await source.figures({ windowMs: windowOf('--window', options.window), scope: options.scope })
      print(terminal, options, figures, () => figureLines(terminal, figures))
      return undefined
    },
  )
    .option('--window <time>', 'the time up to now: 1s to 7d', '5m')
    .option('--scope <scope>', SCOPES, 'fleet')

  command<{ by: HeavyHitterMeasure; limit: string; definition?: string; scope: string }>(
    'top',
    'The keys that account for most of the work.',
    'tfcache top --by loadMs --limit 5',
    async (source, terminal, options) => {
      const { by, definition, scope } = options
      const top = await source.top({ by, limit: countOf('--limit', options.limit, 200), definition, scope })
      print(terminal, options, top.lines, () => topLines(terminal, by, top))
      return undefined
    },
  )
    .addOption(
      new Option('--by <measure>', 'what is counted').choices(['hits', 'misses', 'loadMs', 'bytes']).default('hits'),
    )
    .option('--limit <count>', 'how many, at most 200', '20')
    .option('--definition <name>', 'only of this definition')
    .option('--scope <scope>', SCOPES, 'fleet')

  command(
    'inspect',
    'One key in every tier, and what happened to it.',
    'tfcache inspect room:state:r1',
    async (source, terminal, options, key) => {
      const inspection = await source.inspect(key)
      print(terminal, options, inspection, () => inspectionLines(terminal, inspection))
      if (inspection.memory !== undefined || inspection.remote !== undefined) return EXIT.ok
      return inspection.remoteUnknown === undefined ? EXIT.notFound : EXIT.notKnown
    },
  ).argument('<key>', 'the full key: its definition, a colon, and the rest')

  command(
    'health',
    'The health of the cache and of its nodes. Exits with 5 when unhealthy, 6 when degraded.',
    'tfcache health || echo "not well: $?"',
    async (source, terminal, options) => {
      const health = await source.health()
      const fleet = await source.fleet()
      const told = { ...health, nodes: fleet?.nodes ?? [], complete: fleet?.complete ?? true }
      print(terminal, options, told, () => healthLines(terminal, health, fleet))
      return health.status === 'unhealthy' ? EXIT.critical : health.status === 'degraded' ? EXIT.warning : EXIT.ok
    },
  )

  command(
    'alerts',
    'What is firing. Exits with 5 for critical, 6 for warning; what is silenced does not count.',
    'tfcache alerts --json',
    async (source, terminal, options) => {
      const alerts = await source.alerts()
      print(terminal, options, alerts, () => alertLines(terminal, alerts))
      const firing = alerts.active.filter(({ state, silenced }) => state === 'firing' && !silenced)
      if (firing.some(({ severity }) => severity === 'critical')) return EXIT.critical
      return firing.length > 0 ? EXIT.warning : EXIT.ok
    },
  )

  command<{ limit: string; search?: string }>(
    'trail',
    'The last invalidations: what, by whom, why.',
    "tfcache trail --search 'user:7' --limit 500",
    async (source, terminal, options) => {
      const limit = countOf('--limit', options.limit, MOST_TRAIL)
      const wanted = options.search?.toLowerCase()
      const lines = await source.trail(wanted === undefined ? limit : MOST_TRAIL)
      const found =
        wanted === undefined ? lines : lines.filter((line) => JSON.stringify(line).toLowerCase().includes(wanted))
      const none = wanted === undefined ? 'none' : `none of the last ${lines.length} invalidations`
      print(terminal, options, found.slice(-limit), () =>
        found.length === 0 ? [none] : trailLines(terminal, found.slice(-limit)),
      )
      return undefined
    },
  )
    .option('--limit <count>', `show the last so many, at most ${MOST_TRAIL}`, '50')
    .option('--search <text>', `of the last ${MOST_TRAIL}, those that name it: a key, tag, event, person, reason`)

  command<{ window: string }>(
    'incident',
    'Health, alerts, figures and invalidations of the last while in one text, to be pasted.',
    'tfcache incident --window 10m > incident.txt',
    async (source, terminal, options) => {
      const incident = await takeIncident(source, windowOf('--window', options.window), MOST_TRAIL)
      print(terminal, options, incident, () => incidentLines(terminal, incident))
      return undefined
    },
  ).option('--window <time>', 'the time up to now: 1s to 7d', '10m')
}

function acting(command: Define): void {
  command<InvalidateOptions>(
    'invalidate',
    'Invalidates on every node. Shows what it hits and asks, unless told --yes.',
    "tfcache invalidate --pattern 'room:*:r1' --reason 'room was restored' --yes",
    (source, terminal, options) => invalidate(source, terminal, options),
  )
    .option('--key <key>', 'one key')
    .option('--tag <tag>', 'all that carry the tag; the name of a definition is one')
    .option('--pattern <glob>', 'all whose key matches: * any run, ? one character')
    .option('--regex <expression>', 'all whose key matches: /source/flags')
    .option('--everything', 'the whole namespace')
    .option('--expire', 'keep values for their grace while they are loaded again')
    .option('--reason <text>', 'why, for the audit trail')
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'only show what it hits')
}

function watching(command: Define, signal: AbortSignal): void {
  command<{ every: string; count?: string }>(
    'watch',
    'A live view of figures, alerts and invalidations. q leaves it.',
    'tfcache watch --every 2s',
    async (source, terminal, options) => {
      const everyMs = windowOf('--every', options.every)
      const count = options.count === undefined ? undefined : countOf('--count', options.count, 1_000_000)
      await watch(source, terminal, { everyMs, count, json: options.json === true, signal })
      return undefined
    },
  )
    .option('--every <time>', 'how often the picture is taken', '2s')
    .option('--count <count>', 'leave after so many pictures')
}

function countOf(name: string, given: string, most: number): number {
  const count = /^\d{1,7}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > most)
    throw new CliError(EXIT.usage, `${name}: expected a whole number from 1 to ${most}, got ${given}`)
  return count
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function windowOf(name: string, given: string): number {
  const [, count = '0', unit = 's'] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
  const ms = Number(count) * (UNITS[unit] ?? 0)
  if (ms < 1_000 || ms > 7 * 86_400_000)
    throw new CliError(EXIT.usage, `${name}: expected a time from 1s to 7d such as 5m, got ${given}`)
  return ms
}

async function firstLineOf(stdin: Streams['stdin']): Promise<string> {
  let text = ''
  for await (const chunk of stdin) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return (text.split('\n')[0] ?? '').replace(/\r$/, '')
}
