import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * What is wrong during a phase. `dead`: nothing can come from Redis, so that all answers come from memory and the
 * database.
 *
 * @typedef {object} Phase
 * @property {string} name
 * @property {number} weight its share of the time
 * @property {'nothing' | 'redis' | 'database'} fails whose fault an error would be, if it is not the cache's
 * @property {boolean} [dead]
 * @property {boolean} [short] also in the short run
 * @property {(scene: Scene) => Promise<unknown> | unknown} begin
 * @property {(scene: Scene) => Promise<unknown> | unknown} end
 */

/**
 * @typedef {object} Scene
 * @property {import('../services/redis.mjs').RedisService} server
 * @property {import('../services/tcp-proxy.mjs').TcpProxy} redis in front of it
 * @property {import('../services/tcp-proxy.mjs').TcpProxy} database in front of PostgreSQL
 */

const nothing = () => undefined
/** @param {number} ms @returns {Pick<Phase, 'begin' | 'end' | 'fails' | 'weight'>} */
const slowRedis = (ms) => ({
  weight: 1,
  fails: 'redis',
  begin: ({ redis }) => redis.slow(ms),
  end: ({ redis }) => redis.heal(),
})

/** @param {Scene} scene @param {readonly string[]} words */
const command = ({ server }, ...words) =>
  run('redis-cli', ['-h', server.host, '-p', String(server.port), ...words], { timeout: 10_000 })

/** In the order in which they happen; between two of them everything works again. @type {readonly Phase[]} */
export const phases = [
  { name: 'healthy', weight: 2, fails: 'nothing', short: true, begin: nothing, end: nothing },
  { name: 'Redis 20 ms slower', ...slowRedis(20) },
  { name: 'Redis 200 ms slower', short: true, ...slowRedis(200) },
  { name: 'Redis 2 s slower', ...slowRedis(2_000) },
  {
    name: 'connections to Redis cut and refused',
    weight: 1,
    fails: 'redis',
    dead: true,
    short: true,
    begin: ({ redis }) => redis.refuse(),
    end: ({ redis }) => redis.heal(),
  },
  {
    name: 'route to Redis dead',
    weight: 1,
    fails: 'redis',
    dead: true,
    begin: ({ redis }) => redis.stall(),
    end: ({ redis }) => redis.heal(),
  },
  {
    name: 'Redis paused',
    weight: 2,
    fails: 'redis',
    dead: true,
    short: true,
    begin: ({ server }) => process.kill(server.pid, 'SIGSTOP'),
    end: ({ server }) => process.kill(server.pid, 'SIGCONT'),
  },
  {
    name: 'Redis killed, then started again',
    weight: 2,
    fails: 'redis',
    dead: true,
    short: true,
    begin: ({ server }) => server.kill(),
    end: ({ server }) => server.restart(),
  },
  {
    name: 'Redis out of memory',
    weight: 1,
    fails: 'redis',
    short: true,
    begin: (scene) => command(scene, 'config', 'set', 'maxmemory-policy', 'noeviction', 'maxmemory', '1'),
    end: (scene) => command(scene, 'config', 'set', 'maxmemory', '0'),
  },
  {
    name: 'database 200 ms slower',
    weight: 1,
    fails: 'database',
    begin: ({ database }) => database.slow(200),
    end: ({ database }) => database.heal(),
  },
  {
    name: 'database refusing connections',
    weight: 1,
    fails: 'database',
    short: true,
    begin: ({ database }) => database.refuse(),
    end: ({ database }) => database.heal(),
  },
  { name: 'healthy again', weight: 1, fails: 'nothing', short: true, begin: nothing, end: nothing },
]
