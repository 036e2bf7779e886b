import { ConsoleSource } from './console-source.js'
import { CliError, EXIT } from './exit-codes.js'
import type { Source } from './source.js'

/**
 * How to reach what is asked; each also by an environment variable, so that secrets need not stand on a command line.
 */
export interface ConnectOptions {
  readonly url?: string
  readonly token?: string
  readonly user?: string
  readonly redis?: string
  readonly namespace?: string
  readonly timeout?: string
}

const DEFAULT_TIMEOUT_MS = 10_000

/** A console when there is an address of one, otherwise Redis; a usage error when there is neither. */
export async function connect(
  options: ConnectOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Source> {
  const given = (name: string) => (env[name] === undefined || env[name] === '' ? undefined : env[name])
  const timeoutMs = timeoutOf(options.timeout)
  // What stands on the command line goes before what stands in the environment.
  const url = options.url ?? (options.redis === undefined ? given('TFCACHE_URL') : undefined)
  const redisUrl = options.url === undefined ? (options.redis ?? given('TFCACHE_REDIS_URL')) : undefined
  if (url !== undefined) {
    return new ConsoleSource({
      url,
      token: options.token ?? (options.user === undefined ? given('TFCACHE_TOKEN') : undefined),
      username: options.user ?? given('TFCACHE_USER'),
      password: given('TFCACHE_PASSWORD'),
      timeoutMs,
    })
  }
  if (redisUrl !== undefined) {
    const namespace = options.namespace ?? given('TFCACHE_NAMESPACE')
    if (namespace === undefined)
      throw new CliError(EXIT.usage, '--redis needs --namespace (or TFCACHE_NAMESPACE): whose entries to look at')
    const { RedisSource } = await import('./redis-source.js')
    return RedisSource.open({ url: redisUrl, namespace, actor: given('USER') ?? 'tfcache', timeoutMs })
  }
  throw new CliError(
    EXIT.usage,
    'nothing to ask: give --url of a console (or TFCACHE_URL), or --redis with --namespace (or TFCACHE_REDIS_URL, TFCACHE_NAMESPACE)',
  )
}

function timeoutOf(given: string | undefined): number {
  if (given === undefined) return DEFAULT_TIMEOUT_MS
  const [, count = '', unit = ''] = /^(\d{1,7})(ms|s)$/.exec(given) ?? []
  if (count === '') throw new CliError(EXIT.usage, `--timeout: expected a time such as 10s or 500ms, got ${given}`)
  return Math.max(1, Number(count) * (unit === 's' ? 1_000 : 1))
}
