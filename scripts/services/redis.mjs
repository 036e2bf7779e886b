import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SetupError } from '../setup/setup-error.mjs'
import { freePort } from './free-port.mjs'

const START_DEADLINE_MS = 30_000
const STOP_DEADLINE_MS = 5_000
const CREATE_DEADLINE_MS = 20_000
const CLUSTER_DEADLINE_MS = 30_000
const ATTEMPTS = 5
const HOST = '127.0.0.1'
const NOT_INSTALLED =
  'Redis is not installed (redis-server not found). On Debian: apt-get install redis-server redis-sentinel'

const run = promisify(execFile)

/**
 * @param {{ args?: readonly string[], port?: number }} [options]
 * @returns {Promise<import('./redis.mjs').RedisService>}
 */
export async function startRedis({ args = [], port } = {}) {
  return startProcess((at) => ['--port', String(at), '--save', '', '--appendonly', 'no', ...args], port)
}

/** @returns {Promise<import('./redis.mjs').SentinelService>} */
export async function startSentinel() {
  const fast = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1']
  const master = await startRedis({ args: fast })
  const replica = await startRedis({ args: [...fast, '--replicaof', HOST, String(master.port)] })
  const name = 'tableforge'
  const folder = mkdtempSync(join(tmpdir(), 'tableforge-sentinel-'))
  const config = join(folder, 'sentinel.conf')
  writeFileSync(
    config,
    [
      `sentinel monitor ${name} ${HOST} ${master.port} 1`,
      `sentinel down-after-milliseconds ${name} 500`,
      `sentinel failover-timeout ${name} 2000`,
      '',
    ].join('\n'),
  )
  const sentinel = await startProcess((at) => [config, '--sentinel', '--port', String(at)])
  await condition('the replica to follow its master', async () => {
    const { stdout } = await cli(replica.port, ['info', 'replication'])
    return stdout.includes('master_link_status:up')
  })
  await condition('the sentinel to know the replica', async () => {
    const { stdout } = await cli(sentinel.port, ['sentinel', 'replicas', name])
    return stdout.includes(String(replica.port))
  })
  const stop = async () => {
    await Promise.all([sentinel.stop(), master.stop(), replica.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
  const sentinels = [{ host: HOST, port: sentinel.port }]
  return { name, sentinels, master, replica, sentinel, stop, [Symbol.asyncDispose]: stop }
}

/**
 * @param {{ masters?: number, replicas?: number }} [options]
 * @returns {Promise<import('./redis.mjs').ClusterService>}
 */
export async function startCluster({ masters = 3, replicas = 0 } = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await createCluster(masters, replicas)
    } catch (error) {
      // A handshake that a busy machine delayed is forgotten by the nodes, and redis-cli waits for it for ever.
      if (attempt === ATTEMPTS) throw error
    }
  }
}

/**
 * @param {number} masters
 * @param {number} replicas of each
 * @returns {Promise<import('./redis.mjs').ClusterService>}
 */
async function createCluster(masters, replicas) {
  const size = masters * (1 + replicas)
  const servers = await Promise.all(
    Array.from({ length: size }, async () => {
      const bus = await freePort()
      return startRedis({
        args: [
          ...['--cluster-enabled', 'yes', '--cluster-port', String(bus)],
          ...['--cluster-node-timeout', '5000', '--repl-diskless-sync-delay', '0'],
        ],
      })
    }),
  )
  const nodes = servers.map(({ host, port }) => ({ host, port }))
  const ready = () =>
    condition('every node to see the whole Cluster', async () => {
      const answers = await Promise.all(servers.map(({ port }) => cli(port, ['cluster', 'info'])))
      return answers.every(
        ({ stdout }) => stdout.includes('cluster_state:ok') && stdout.includes(`cluster_known_nodes:${size}`),
      )
    })
  const replicated = () =>
    condition('every replica to follow its master', async () => {
      const answers = await Promise.all(servers.map(({ port }) => cli(port, ['info', 'replication'])))
      return answers.filter(({ stdout }) => stdout.includes('master_link_status:up')).length === size - masters
    })
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    const addresses = nodes.map(({ host, port }) => `${host}:${port}`)
    await run(
      'redis-cli',
      ['--cluster', 'create', ...addresses, '--cluster-replicas', String(replicas), '--cluster-yes'],
      {
        timeout: CREATE_DEADLINE_MS,
      },
    )
    await ready()
    await replicated()
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, servers, ready, stop, [Symbol.asyncDispose]: stop }
}

/**
 * @param {(port: number) => string[]} argsFor
 * @param {number} [wantedPort]
 * @returns {Promise<import('./redis.mjs').RedisService>}
 */
async function startProcess(argsFor, wantedPort) {
  const folder = mkdtempSync(join(tmpdir(), 'tableforge-redis-'))
  let server
  let port = 0
  for (let attempt = 1; server === undefined; attempt++) {
    port = wantedPort ?? (await freePort())
    try {
      server = await launch(argsFor(port), folder)
    } catch (error) {
      const taken = /Address already in use|could not listen/i.test(String(error))
      if (!taken || wantedPort !== undefined || attempt === ATTEMPTS) {
        rmSync(folder, { recursive: true, force: true })
        throw error
      }
    }
  }
  let current = server
  /** When we end without stop(): the server must not outlive us. */
  const abandon = () => {
    current.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', abandon)
  const kill = () => end(current, 'SIGKILL')
  /** @type {Promise<void> | undefined} */
  let stopped
  const stop = () => {
    stopped ??= end(current, 'SIGTERM').finally(() => {
      process.off('exit', abandon)
      rmSync(folder, { recursive: true, force: true })
    })
    return stopped
  }
  return {
    url: `redis://${HOST}:${port}`,
    host: HOST,
    port,
    get pid() {
      return current.pid ?? 0
    },
    kill,
    async restart(...more) {
      await kill()
      current = await launch([...argsFor(port), ...more], folder)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/**
 * @param {string[]} args
 * @param {string} folder
 * @returns {Promise<import('node:child_process').ChildProcess>}
 */
function launch(args, folder) {
  const options = [...args, '--bind', HOST, '--dir', folder, '--daemonize', 'no']
  const server = spawn('redis-server', options, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let output = ''
    const deadline = setTimeout(() => {
      server.kill('SIGKILL')
      reject(new Error(`redis-server was not ready after ${START_DEADLINE_MS} ms:\n${output}`))
    }, START_DEADLINE_MS)
    const read = (/** @type {Buffer} */ chunk) => {
      if (output.length < 20_000) output += chunk
      if (!/Ready to accept connections|Sentinel ID is/.test(output)) return
      clearTimeout(deadline)
      resolve(server)
    }
    server.stdout.on('data', read)
    server.stderr.on('data', read)
    server.on('error', (error) => {
      clearTimeout(deadline)
      reject('code' in error && error.code === 'ENOENT' ? new SetupError(NOT_INSTALLED) : error)
    })
    server.on('exit', () => {
      clearTimeout(deadline)
      reject(new Error(`redis-server did not start:\n${output}`))
    })
  })
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @param {NodeJS.Signals} signal
 */
async function end(server, signal) {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  const impatient = setTimeout(() => server.kill('SIGKILL'), STOP_DEADLINE_MS)
  server.kill(signal)
  // One that a test has stopped hears nothing else.
  server.kill('SIGCONT')
  await ended
  clearTimeout(impatient)
}

/**
 * @param {number} port
 * @param {string[]} args
 */
function cli(port, args) {
  return run('redis-cli', ['-h', HOST, '-p', String(port), ...args])
}

/**
 * @param {string} what
 * @param {() => Promise<boolean>} holds
 */
async function condition(what, holds) {
  const deadline = Date.now() + CLUSTER_DEADLINE_MS
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`waited ${CLUSTER_DEADLINE_MS} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
