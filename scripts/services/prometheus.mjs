import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from '../setup/setup-error.mjs'
import { freePort } from './free-port.mjs'

const HOST = '127.0.0.1'
const READY_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 10_000
const ATTEMPTS = 5

/**
 * @param {Readonly<Record<string, string>>} files
 * @returns {Promise<import('./prometheus.mjs').MonitoringService>}
 */
export function startPrometheus(files) {
  return startServer('prometheus', files, (port, folder) => [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${HOST}:${port}`,
    '--log.level=warn',
  ])
}

/**
 * @param {Readonly<Record<string, string>>} files
 * @returns {Promise<import('./prometheus.mjs').MonitoringService>}
 */
export function startAlertmanager(files) {
  return startServer('prometheus-alertmanager', files, (port, folder) => [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${HOST}:${port}`,
    // Alone: it looks for no others.
    '--cluster.listen-address=',
    '--log.level=warn',
  ])
}

/**
 * @param {string} program
 * @param {Readonly<Record<string, string>>} files
 * @param {(port: number, folder: string) => string[]} argsFor
 * @returns {Promise<import('./prometheus.mjs').MonitoringService>}
 */
async function startServer(program, files, argsFor) {
  const folder = mkdtempSync(join(tmpdir(), `tableforge-${program}-`))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return await launch(program, argsFor(port, folder), port, folder)
    } catch (error) {
      if (attempt < ATTEMPTS && /address already in use/.test(String(error))) continue
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {number} port
 * @param {string} folder
 * @returns {Promise<import('./prometheus.mjs').MonitoringService>}
 */
async function launch(program, args, port, folder) {
  const server = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk) => {
      if (output.length < 20_000) output += chunk
    })
  /** @type {Error | undefined} */
  let failed
  server.on('error', (error) => {
    const missing = 'code' in error && error.code === 'ENOENT'
    failed = missing ? new SetupError(`${program} is not installed. On Debian: apt-get install ${program}`) : error
  })
  const abandon = () => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', abandon)
  const stop = async () => {
    process.off('exit', abandon)
    if (server.pid !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit')
      const impatient = setTimeout(() => server.kill('SIGKILL'), STOP_DEADLINE_MS)
      server.kill('SIGTERM')
      await ended
      clearTimeout(impatient)
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const url = `http://${HOST}:${port}`
  const deadline = Date.now() + READY_DEADLINE_MS
  while (!(await answers(`${url}/-/ready`))) {
    if (failed === undefined && server.exitCode === null && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      continue
    }
    server.kill('SIGKILL')
    process.off('exit', abandon)
    throw failed ?? new Error(`${program} did not get ready:\n${output}`)
  }
  return { url, stop, [Symbol.asyncDispose]: stop }
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(url)).ok
  } catch {
    // Not listening yet.
    return false
  }
}
