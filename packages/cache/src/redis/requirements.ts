import { CacheError } from '../errors.js'
import type { Command, RedisConnection, Reply } from './connection.js'
import type { KeyLayout } from './key-layout.js'
import { Script } from './script.js'

const OLDEST_VERSION = [6, 2] as const
/** What is sent by itself. */
const COMMANDS = [
  'eval',
  'evalsha',
  'get',
  'hdel',
  'hmget',
  'mget',
  'pttl',
  'scan',
  'unlink',
  'wait',
  'subscribe',
  'unsubscribe',
  'ping',
  'hello',
  'info',
  'cluster|slots',
  'cluster|info',
]
/** What scripts do. Sent by the user who runs them, so it needs the same permissions. */
const SCRIPTED = [
  'set',
  'setrange',
  'getrange',
  'strlen',
  'pexpire',
  'del',
  'hset',
  'hget',
  'hgetall',
  'zadd',
  'zcard',
  'zscore',
  'zpopmin',
  'xadd',
  'xrange',
  'publish',
]

/**
 * Tries each command that scripts use, on a key that nothing else uses. Returns `command`, `error`, ... of those
 * refused.
 */
const probe = new Script(
  'probe',
  `
local refused = {}
local function try(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then
    refused[#refused + 1] = string.lower((...))
    refused[#refused + 1] = answer.err
  end
end
local key, channel = KEYS[1], ARGV[1]
try('SET', key, 'probe', 'PX', '1000')
try('GET', key)
try('STRLEN', key)
try('SETRANGE', key, 0, 'P')
try('GETRANGE', key, 0, 0)
try('PTTL', key)
try('PEXPIRE', key, 1000)
try('DEL', key)
try('HSET', key, 'field', 1)
try('HGET', key, 'field')
try('HMGET', key, 'field')
try('HGETALL', key)
redis.pcall('DEL', key)
try('ZADD', key, 1, 'member')
try('ZCARD', key)
try('ZSCORE', key, 'member')
try('ZPOPMIN', key)
try('XADD', key, 'MAXLEN', '~', 10, '1-0', 'm', '')
try('XRANGE', key, '-', '+', 'COUNT', 1)
redis.pcall('DEL', key)
try('PUBLISH', channel, '')
return refused
`,
)

interface Refusal {
  readonly command: string
  readonly reason: string
}

/**
 * Checks once, when connecting, that the server is recent enough and that its user may do what the cache does, by doing
 * it. Rejects with a `CacheError` that names the commands refused and the ACL rule that allows them.
 */
export async function checkRequirements(
  connection: RedisConnection,
  namespace: string,
  layout: KeyLayout,
  useWait: boolean,
): Promise<void> {
  await checkVersion(connection)
  const direct: Command[] = [
    ['get', [layout.probe]],
    ['mget', [layout.probe]],
    ['pttl', [layout.probe]],
    ['unlink', [layout.probe]],
    ['hmget', [layout.probe, 'epoch']],
    ['hdel', [layout.probe, 'epoch']],
  ]
  const refusals: Refusal[] = []
  for (const [command, args] of direct) await collect(refusals, command, connection.command(command, args))
  const [scan] = connection.masters()
  if (scan !== undefined) {
    await collect(refusals, 'scan', scan('scan', ['0', 'MATCH', layout.valuePattern, 'COUNT', 1]))
  }
  if (useWait)
    await collect(
      refusals,
      'wait',
      connection.together([
        ['get', [layout.probe]],
        ['wait', [0, 1]],
      ]),
    )
  const scripted = await collect(
    refusals,
    'eval',
    connection.command('eval', [probe.source, 1, layout.probe, layout.probe]),
  )
  await collect(refusals, 'evalsha', probe.run(connection, [layout.probe], [layout.probe]))
  const pairs = Array.isArray(scripted) ? scripted.map(String) : []
  for (let at = 0; at < pairs.length; at += 2) refusals.push({ command: pairs[at] ?? '', reason: pairs[at + 1] ?? '' })
  if (refusals.length > 0) throw refused(refusals, namespace)
}

async function checkVersion(connection: RedisConnection): Promise<void> {
  let hello: Reply
  try {
    hello = await connection.command('hello', [])
  } catch (error) {
    // Without permission to ask, the commands themselves are the check.
    if (isPermission(error)) return
    if (isReply(error)) throw tooOld('before 6.0')
    throw error
  }
  const version = fields(hello).get('version')
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  if (version === undefined || major > OLDEST_VERSION[0]) return
  if (major < OLDEST_VERSION[0] || minor < OLDEST_VERSION[1]) throw tooOld(version)
}

function tooOld(version: string): CacheError {
  return new CacheError('remote-failed', `redis: expected a server of version 6.2 or later, got ${version}`)
}

/** RESP2 answers with a flat list, RESP3 with a map, which clients show as a list, an object or a Map. */
function fields(hello: unknown): Map<string, string> {
  if (hello instanceof Map) return new Map([...hello].map(([name, value]) => [String(name), String(value)]))
  if (Array.isArray(hello)) {
    const list = hello.map(String)
    return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? ''] as const] : [])))
  }
  return new Map(Object.entries(hello ?? {}).map(([name, value]) => [name, String(value)]))
}

async function collect(refusals: Refusal[], command: string, answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    if (!isPermission(error)) throw error
    refusals.push({ command, reason: (error as Error).message })
    return undefined
  }
}

function refused(refusals: readonly Refusal[], namespace: string): CacheError {
  const rules = new Set(refusals.map(({ command, reason }) => missingRule(command, reason, namespace)))
  const named = [...new Set(refusals.map(({ command }) => command.toUpperCase()))].join(', ')
  return new CacheError(
    'remote-failed',
    `redis: the user may not run ${named} (${refusals[0]?.reason}). ` +
      `Add to its ACL: ${[...rules].join(' ')}   All that the cache needs: ${fullRule(namespace)}`,
  )
}

/** The error for a subscription that was refused. */
export function refusedSubscription(error: unknown, namespace: string): unknown {
  return isPermission(error) ? refused([{ command: 'subscribe', reason: (error as Error).message }], namespace) : error
}

function missingRule(command: string, reason: string, namespace: string): string {
  if (/channel/i.test(reason)) return `&${namespace}:*`
  if (/\bkeys?\b/i.test(reason)) return `~${namespace}:*`
  return `+${command}`
}

/** The ACL rule that allows what the cache does, and nothing else. */
export function fullRule(namespace: string): string {
  return [`~${namespace}:*`, `&${namespace}:*`, ...[...COMMANDS, ...SCRIPTED].map((command) => `+${command}`)].join(' ')
}

function isPermission(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOPERM')
}

function isReply(error: unknown): boolean {
  return error instanceof Error && /^(ERR|UNKNOWN)/.test(error.message)
}
