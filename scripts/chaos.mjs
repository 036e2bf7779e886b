// npm run chaos: TableForge under load while Redis and the database are slowed, cut, paused, killed and filled.
import { parseArgs } from 'node:util'
import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { requireNode } from './setup/node-version.mjs'
import { explain } from './setup/setup-error.mjs'

const USAGE = `Usage: npm run chaos -- [options]

  --minutes N     how long (default 2)
  --seconds N     the same in seconds
  --players N     simulated players (default 24)
  --processes N   of the app (default 2)
  --short         only the faults that matter most
  --json          the report as JSON

Exits with 0 when every goal was reached, with 1 when one was missed. Needs redis-server and PostgreSQL.`

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seconds: { type: 'string' },
    players: { type: 'string', default: '24' },
    processes: { type: 'string', default: '2' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}

/** @param {string} name @param {string} text */
function positive(name, text) {
  const number = Number(text)
  if (number > 0 && number < 10_000) return number
  console.error(`--${name}: expected a number above 0, got ${JSON.stringify(text)}\n\n${USAGE}`)
  process.exit(2)
}

const seconds =
  values.seconds === undefined ? positive('minutes', values.minutes) * 60 : positive('seconds', values.seconds)
const players = Math.ceil(positive('players', values.players))
const processes = Math.ceil(positive('processes', values.processes))

requireNode()
try {
  await install()
  await build({})
  const { runChaos } = await import('./chaos/run.mjs')
  const { describe } = await import('./chaos/report.mjs')
  const progress = (/** @type {string} */ line) => process.stderr.write(`  ${line} ...\n`)
  const report = await runChaos({ seconds, players, processes, short: values.short, progress })
  console.log(values.json ? JSON.stringify(report, undefined, 2) : describe(report).join('\n'))
  process.exitCode = report.missed.length === 0 ? 0 : 1
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
