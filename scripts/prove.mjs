// npm run prove: the deterministic proof of coherence, and (--real) the same promise on real processes.
import { parseArgs } from 'node:util'
import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { requireNode } from './setup/node-version.mjs'
import { explain } from './setup/setup-error.mjs'

const USAGE = `Usage: npm run prove -- [options]

  --seeds N         simulate N seeds (default 1000), each an interleaving of its own
  --seed S          simulate one seed, and print its history
  --from S          begin with seed S instead of 0
  --without PART    switch a part of the protocol off: fence, lease, replay or heartbeat; the promise must break
  --real            4 processes on a real Redis whose connections are cut and whose server is paused, killed and restarted
  --seconds N       how long --real runs (default 60)

Exits with 0 when the promise held, with 1 when it was broken.`

const REASONS = {
  applied: 'the node had applied the invalidation when the read began',
  issuer: 'the node itself had issued the invalidation and seen it acknowledged',
  bound: 'it had been acknowledged for longer than maxStaleness',
  remote: "the read asked for freshness 'remote'",
}
/** @type {readonly import('@tableforge/cache/testing').ProtocolPart[]} */
const PARTS = ['fence', 'lease', 'replay', 'heartbeat']

requireNode()
const options = readOptions()
try {
  await install()
  await build({})
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}
process.exitCode = options.real ? await proveReal() : await proveSimulated()

function readOptions() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      from: { type: 'string', default: '0' },
      without: { type: 'string' },
      real: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '60' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    process.exit(0)
  }
  const without = PARTS.filter((part) => part === values.without)
  if (values.without !== undefined && without.length === 0) {
    fail(`--without: expected one of ${PARTS.join(', ')}, got ${JSON.stringify(values.without)}`)
  }
  return {
    real: values.real,
    without,
    seeds: wholeNumber('--seeds', values.seeds),
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed),
    from: wholeNumber('--from', values.from),
    seconds: wholeNumber('--seconds', values.seconds),
  }
}

/** @param {string} name @param {string} text */
function wholeNumber(name, text) {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) fail(`${name}: expected a whole number, got ${JSON.stringify(text)}`)
  return number
}

/** @param {string} message */
function fail(message) {
  console.error(`${message}\n\n${USAGE}`)
  process.exit(2)
}

async function proveReal() {
  const real = await import('./prove-real.mjs')
  return (await real.proveReal({ seconds: options.seconds })) ? 0 : 1
}

async function proveSimulated() {
  const { simulate, broken } = await import('@tableforge/cache/testing')
  const { without, seed } = options
  const [first, count] = seed === undefined ? [options.from, options.seeds] : [seed, 1]
  const total = { reads: 0, invalidations: 0, repairs: 0, losses: 0, longestStalenessMs: 0 }
  const startedAt = performance.now()
  let toldAt = startedAt
  for (let current = first; current < first + count; current++) {
    const report = await simulate({ seed: current, without })
    for (const name of /** @type {const} */ (['reads', 'invalidations', 'repairs', 'losses']))
      total[name] += report[name]
    total.longestStalenessMs = Math.max(total.longestStalenessMs, report.longestStalenessMs)
    if (broken(report)) return showViolation(report)
    if (performance.now() - toldAt > 5_000) {
      toldAt = performance.now()
      console.log(`  ${current - first + 1} of ${count} seeds, ${total.reads} reads, no violation`)
    }
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  console.log(
    `${count} seeds in ${seconds} s: ${total.reads} reads, ${total.invalidations} invalidations, 0 violations`,
  )
  console.log(`  messages read again ${total.repairs} times, the log lost and begun anew ${total.losses} times`)
  console.log(`  longest staleness ${Math.round(total.longestStalenessMs)} ms of the 2000 ms that are promised`)
  return 0
}

/** @param {import('@tableforge/cache/testing').SimulationReport} report */
async function showViolation(report) {
  const { describeAction, shrink } = await import('@tableforge/cache/testing')
  console.log(`seed ${report.seed} breaks the promise; looking for a minimal history ...`)
  const smallest = await shrink(report, { seed: report.seed, without: options.without })
  const { violation, unsettled, actions } = smallest
  console.log(
    `\nHistory (${actions.length} of ${report.actions.length} actions; the seed decides latencies and lost messages):`,
  )
  for (const action of actions) console.log(`  ${describeAction(action)}`)
  if (violation !== undefined) {
    const { read, invalidation, because } = violation
    const { acknowledged } = invalidation
    console.log(`\nViolation (${REASONS[because]}):`)
    console.log(
      `  at ${invalidation.issuedMs.toFixed(1)} ms n${invalidation.node} invalidated ${invalidation.scope} of key ${invalidation.key}`,
    )
    // The history says `undefined` of what is still under way; that cannot be violated.
    if (acknowledged !== undefined) {
      const propagated = acknowledged.propagated ? 'propagated' : 'not propagated'
      console.log(`  at ${acknowledged.ms.toFixed(1)} ms that was acknowledged, ${propagated}`)
    }
    console.log(`  at ${read.beganMs.toFixed(1)} ms n${read.node} read key ${read.key} (freshness: ${read.freshness})`)
    console.log(`  and got version ${read.taken.version}, which was loaded before the invalidation`)
  }
  for (const line of unsettled) console.log(`\nNot settled: ${line}`)
  const without = options.without.map((part) => ` --without ${part}`).join('')
  console.log(`\nAgain: npm run prove -- --seed ${report.seed}${without}`)
  return 1
}
