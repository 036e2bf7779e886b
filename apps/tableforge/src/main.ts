import { setTimeout as sleep } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import { startBots } from './bots/bots.js'
import { type Configuration, readConfiguration } from './configuration.js'
import { openTable, type Table } from './table.js'

/** The longest that an orderly end may take. */
const END_MS = 1_900
/** The longest that simulated players are waited for. */
const BOTS_LEAVE_MS = 500

async function main(): Promise<void> {
  const began = performance.now()
  const configuration = await readConfiguration(process.env)
  const logger = createLogger(configuration, process.env)
  for (const name of configuration.cache.ignored) logger.warn({ name }, 'this variable means nothing to the cache')
  const table = await openTable(configuration, logger)
  const bots = startBots({ url: table.url, count: configuration.bots, logger })
  endOnSignals(async () => {
    await Promise.race([bots.stop(), sleep(BOTS_LEAVE_MS)])
    await table.close()
  })
  process.stdout.write(welcome(configuration, table, performance.now() - began))
}

/** In development the terminal is for people: warnings only, unless CACHE_LOG_LEVEL asks for more. */
function createLogger({ cache: { environment, logLevel } }: Configuration, env: NodeJS.ProcessEnv): Logger {
  const quiet = environment === 'development' && !env.CACHE_LOG_LEVEL
  return pino({ name: 'tableforge', level: quiet ? 'warn' : logLevel }, pino.destination({ fd: 2, sync: false }))
}

function welcome({ bots, cache, databaseUrl }: Configuration, { url }: Table, tookMs: number): string {
  const players = bots === 0 ? 'none' : `${bots} simulated`
  const stores = [
    databaseUrl === undefined ? 'embedded database' : 'PostgreSQL',
    cache.redisUrl === undefined ? 'in-process remote tier' : 'Redis',
  ]
  return [
    '',
    `  TableForge is ready (${(tookMs / 1_000).toFixed(1)} s, ${stores.join(', ')})`,
    '',
    `  Game      ${url}/`,
    `  Console   ${url}/console`,
    `  Metrics   ${url}/metrics`,
    `  Health    ${url}/healthz`,
    `  Players   ${players}`,
    '',
    '  Ctrl-C ends it.',
    '',
    '',
  ].join('\n')
}

/**
 * A terminal's Ctrl-C reaches this process once from the terminal and perhaps again from its parent: it is one wish.
 */
function endOnSignals(end: () => Promise<void>): void {
  let ending = false
  const onSignal = () => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(1), END_MS).unref()
    end().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`TableForge did not end in order: ${reason(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

main().catch((error) => {
  process.stderr.write(`TableForge cannot start.\n${reason(error)}\n`)
  process.exit(1)
})
