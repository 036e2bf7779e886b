import { auditor } from './auditor.js'
import { coherence } from './coherence.js'
import { hit } from './hit.js'
import type { Suite } from './suite.js'

const suites: readonly Suite[] = [coherence, hit, auditor]

const usage = `npm run bench -- SUITE [--json]

Suites:
${suites.map(({ name, about }) => `  ${name.padEnd(12)}${about}`).join('\n')}`

const [name, ...flags] = process.argv.slice(2)
const suite = suites.find((one) => one.name === name)
if (suite === undefined || flags.some((flag) => flag !== '--json')) {
  console.error(name === undefined || suite !== undefined ? usage : `There is no suite '${name}'.\n\n${usage}`)
  process.exitCode = name === undefined ? 0 : 2
} else {
  const { data, lines } = await suite.run((what) => process.stderr.write(`${what}\n`))
  console.log(flags.includes('--json') ? JSON.stringify(data, undefined, 2) : lines.join('\n'))
}
