import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { SetupError } from '../setup/setup-error.mjs'
import { freePort } from './free-port.mjs'

/**
 * A PostgreSQL server of our own: empty, on a free loopback port, in a folder that disappears with it.
 *
 * @typedef {object} PostgresService
 * @property {string} url of the database `postgres`, with the only user `postgres`, who needs no password
 * @property {number} port
 * @property {number} pid of the server's first process
 * @property {string} folder of its data; gone after stop()
 * @property {() => Promise<void>} stop ends the server and removes its folder; more than one call is the same as one
 */

const START_DEADLINE_MS = 30_000
const STOP_DEADLINE_MS = 5_000
const ATTEMPTS = 5
/** Durability is for data that outlives the test. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  unix_socket_directories: '',
  listen_addresses: '127.0.0.1',
}

/**
 * The folder with `initdb` and `postgres`: of the newest version that is installed, on the PATH or where Debian,
 * Homebrew and the installers for macOS put it.
 *
 * @returns {string | undefined}
 */
export function findPostgres() {
  const versions = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt', '/Library/PostgreSQL'].flatMap(
    (base) =>
      existsSync(base)
        ? readdirSync(base)
            .filter((name) => /^(postgresql@?)?\d*$/.test(name))
            .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
            .map((name) => join(base, name, 'bin'))
        : [],
  )
  return [...versions, ...(process.env.PATH ?? '').split(delimiter)].find(
    (bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')),
  )
}

/**
 * Whom the server runs as. PostgreSQL refuses to run as root; its package brings a user for it.
 *
 * @returns {{ uid?: number, gid?: number }}
 */
function serverUser() {
  if (process.getuid?.() !== 0) return {}
  const id = (/** @type {string} */ kind) => Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/**
 * Starts a server and waits until it accepts connections: about two seconds, most of them for its new folder.
 *
 * @returns {Promise<PostgresService & AsyncDisposable>}
 */
export async function startPostgres() {
  const bin = findPostgres()
  if (bin === undefined)
    throw new SetupError('PostgreSQL is not installed (initdb not found). On Debian: apt-get install postgresql')
  const user = serverUser()
  const folder = mkdtempSync(join(tmpdir(), 'tableforge-postgres-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
    const data = join(folder, 'data')
    const options = [
      '--pgdata',
      data,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
    ]
    await initialise(join(bin, 'initdb'), options, { ...user, cwd: folder })
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const args = [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ]
      const server = spawn(join(bin, 'postgres'), args, { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
      const failure = await readiness(server)
      if (failure === undefined) return service(server, port, folder)
      if (attempt === ATTEMPTS || !/could not (bind|create)/.test(failure))
        throw new Error(`PostgreSQL did not start:\n${failure}`)
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** @param {string} initdb @param {string[]} args @param {import('node:child_process').SpawnOptions} options */
function initialise(initdb, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(initdb, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(undefined) : reject(new Error(`initdb failed with exit code ${code}:\n${output}`)),
    )
  })
}

/**
 * Waits until the server says that it accepts connections.
 *
 * @param {import('node:child_process').ChildProcess} server
 * @returns {Promise<string | undefined>} what it printed, when it ended or fell silent before that
 */
function readiness(server) {
  return new Promise((resolve) => {
    let output = ''
    const deadline = setTimeout(() => server.kill('SIGQUIT'), START_DEADLINE_MS)
    const settle = (/** @type {string | undefined} */ failure) => {
      clearTimeout(deadline)
      resolve(failure)
    }
    server.stderr?.on('data', (chunk) => {
      if (output.length < 20_000) output += chunk
      if (output.includes('ready to accept connections')) settle(undefined)
    })
    server.on('error', (error) => settle(error.message))
    server.on('exit', () => settle(output))
  })
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @param {number} port
 * @param {string} folder
 * @returns {PostgresService & AsyncDisposable}
 */
function service(server, port, folder) {
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  /** When we end without stop(): the server must not outlive us. SIGQUIT makes it end its own processes at once. */
  const abandon = () => {
    server.kill('SIGQUIT')
    remove()
  }
  process.once('exit', abandon)
  /** @type {Promise<void> | undefined} */
  let stopped
  const stop = () => {
    stopped ??= (async () => {
      process.off('exit', abandon)
      const impatient = setTimeout(() => server.kill('SIGQUIT'), STOP_DEADLINE_MS)
      if (server.exitCode === null && server.signalCode === null) {
        server.kill('SIGINT')
        await ended
      }
      clearTimeout(impatient)
      remove()
    })()
    return stopped
  }
  const pid = /** @type {number} */ (server.pid)
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  return { url, port, pid, folder, stop, [Symbol.asyncDispose]: stop }
}
