import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from '../run/command.mjs'
import { findPostgres } from '../services/postgres.mjs'
import { SetupError } from './setup-error.mjs'

/**
 * A program that the tests start, which npm cannot bring.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {string} debian its package
 * @property {string} homebrew
 * @property {() => boolean} found
 */

const folders = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
]

/** @param {...string} names */
const onPath = (...names) => names.some((name) => folders.some((folder) => existsSync(join(folder, name))))

/** @type {readonly Program[]} */
const programs = [
  { name: 'redis-server', debian: 'redis-server', homebrew: 'redis', found: () => onPath('redis-server') },
  { name: 'redis-sentinel', debian: 'redis-sentinel', homebrew: 'redis', found: () => onPath('redis-sentinel') },
  { name: 'PostgreSQL', debian: 'postgresql', homebrew: 'postgresql@17', found: () => findPostgres() !== undefined },
  { name: 'Prometheus', debian: 'prometheus', homebrew: 'prometheus', found: () => onPath('prometheus', 'promtool') },
  {
    name: 'Alertmanager',
    debian: 'prometheus-alertmanager',
    homebrew: 'alertmanager',
    found: () => onPath('prometheus-alertmanager'),
  },
  {
    name: 'Chromium',
    debian: 'chromium',
    homebrew: '--cask chromium',
    found: () => onPath('chromium', 'chromium-browser'),
  },
]

/** The missing programs, and how a person installs them here. @param {readonly Program[]} missing */
export function advice(missing) {
  const unique = (/** @type {string[]} */ names) => [...new Set(names)].join(' ')
  return [
    `The tests need ${missing.map((program) => program.name).join(', ')}. To install:`,
    `  Debian, Ubuntu:  sudo apt-get update && sudo apt-get install -y ${unique(missing.map((program) => program.debian))}`,
    ...(missing.length === 0
      ? []
      : unique(missing.map((program) => program.homebrew))
          .split(/ (?=--)/)
          .map((names) => `  macOS:           brew install ${names}`)),
    'Tests that need none of them: npm test -- --only lint,types,rules,units,properties',
  ].join('\n')
}

/** The command in front of apt-get, when we may use apt-get without asking a person. */
async function privilege() {
  if (!onPath('apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  return (await run('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : undefined
}

/**
 * Installs the programs that the tests start, through apt where that is allowed.
 *
 * @returns {Promise<string>} what was done, in words
 */
export async function installSystemPackages() {
  const missing = programs.filter((program) => !program.found())
  if (missing.length === 0) return 'already installed'
  const prefix = await privilege()
  if (prefix === undefined) throw new SetupError(advice(missing))
  const apt = (/** @type {string[]} */ ...args) => {
    const [program = '', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
    return run(program, rest)
  }
  const packages = missing.map((program) => program.debian)
  const update = await apt('update')
  const installed = await apt('install', '-y', '--no-install-recommends', ...packages)
  const still = programs.filter((program) => !program.found())
  if (installed.code !== 0 || still.length > 0)
    throw new SetupError(`${advice(still)}\n\napt-get said:\n${update.output}${installed.output}`)
  return `installed ${packages.join(', ')}`
}
