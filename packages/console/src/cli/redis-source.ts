import {
  type AlertsView,
  type Cache,
  createCache,
  type Fleet,
  type Operation,
  type RemoteTier,
  systemClock,
} from '@tableforge/cache'
import type { Visitor } from '../access/gate.js'
import { Actions } from '../actions/actions.js'
import type { ActionPreview, ActionRecord, WireHealth, WireInspection } from '../wire.js'
import { CliError, EXIT } from './exit-codes.js'
import { operationText } from './operation-text.js'
import type { Figures, Source, TopLine, TrailLine } from './source.js'

export interface RedisAddress {
  readonly url: string
  readonly namespace: string
  readonly actor: string
  readonly timeoutMs: number
}

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const BATCH = 200
const MOST_KEYS = 20_000

/**
 * A namespace on Redis, asked without any process of the application: a node of its own for the time of the command, which
 * loads nothing and publishes no figures. What only processes know (their memory, alerts, who caused what) it cannot tell.
 */
export class RedisSource implements Source {
  readonly name: string
  readonly #cache: Cache
  readonly #tier: RemoteTier
  readonly #actions: Actions
  readonly #visitor: Visitor

  private constructor(cache: Cache, tier: RemoteTier, address: RedisAddress) {
    this.#cache = cache
    this.#tier = tier
    this.name = `${address.namespace} on Redis`
    this.#visitor = { id: 'cli', name: address.actor, role: 'operator', via: 'credentials', at: systemClock.now() }
    this.#actions = new Actions({
      cache,
      invalidator: undefined,
      sessionSecret: undefined,
      clock: systemClock,
      logger: undefined,
    })
  }

  static async open(address: RedisAddress): Promise<RedisSource> {
    const { redis } = await import('@tableforge/cache/redis')
    const { namespace, timeoutMs } = address
    const remote = redis({ url: address.url })
    const cache = createCache({
      namespace,
      node: 'tfcache',
      remote,
      remoteOptions: { timeout: timeoutMs, commitTimeout: timeoutMs },
      history: { publish: false },
    })
    const tier = remote.open({ namespace, node: 'tfcache', clock: systemClock, logger: SILENT })
    const source = new RedisSource(cache, tier, address)
    try {
      await within(timeoutMs, Promise.all([cache.ready(), tier.connect()]))
      return source
    } catch (error) {
      await source.close()
      const reason = error instanceof Error ? error.message : String(error)
      throw new CliError(EXIT.unreachable, `Redis does not answer: ${reason}`)
    }
  }

  async figures(): Promise<Figures> {
    const { keys } = await this.#keys()
    const { seq, epoch } = await this.#tier.log.position()
    const byDefinition: Record<string, number> = {}
    for (const key of keys) {
      const family = key.includes(':') ? key.slice(0, key.lastIndexOf(':')) : key
      byDefinition[family] = (byDefinition[family] ?? 0) + 1
    }
    return { of: 'redis', keys: keys.length, applied: seq, epoch, byDefinition }
  }

  /** Only by size: how often a key is read is known to processes alone. */
  async top({ by, limit, definition }: Parameters<Source['top']>[0]): Promise<readonly TopLine[]> {
    if (by !== 'bytes')
      throw new CliError(
        EXIT.notKnown,
        `Redis does not know the keys with the most ${by}: ask a console (--url), or use --by bytes`,
      )
    const { keys } = await this.#keys()
    const wanted =
      definition === undefined ? keys : keys.filter((key) => key === definition || key.startsWith(`${definition}:`))
    const lines: TopLine[] = []
    for (let at = 0; at < wanted.length; at += BATCH) {
      const some = wanted.slice(at, at + BATCH)
      const values = await this.#tier.get(some)
      for (const [index, key] of some.entries())
        lines.push({ key, definition: definition ?? '', value: values[index]?.byteLength ?? 0 })
    }
    return lines.sort((a, b) => b.value - a.value).slice(0, limit)
  }

  inspect(key: string): Promise<WireInspection> {
    return this.#cache.inspect(key, { watch: false })
  }

  async health(): Promise<WireHealth> {
    return { ...(await this.#cache.health()), at: systemClock.now() }
  }

  fleet(): Promise<Fleet | undefined> {
    return this.#cache.watch.fleet()
  }

  async alerts(): Promise<AlertsView> {
    throw new CliError(EXIT.notKnown, 'Alerts are judged by the processes of the application: ask a console (--url)')
  }

  async trail(limit: number): Promise<readonly TrailLine[]> {
    const { seq } = await this.#tier.log.position()
    const messages = await this.#tier.log.read(Math.max(0, seq - limit), limit)
    if (messages === 'trimmed')
      throw new CliError(EXIT.notKnown, 'The log has been trimmed so far back: ask for fewer (--limit)')
    return messages.flatMap(({ seq: at, origin, operations }) => {
      const told = operations.filter(({ type }: Operation) => type !== 'set')
      if (told.length === 0) return []
      const what = told.map((operation: Operation) => operationText(operation))
      return [{ at: null, seq: at, origin, what, event: null, actor: null, reason: null, propagated: true }]
    })
  }

  preview(action: ActionPreview['action']): Promise<ActionPreview> {
    return this.#actions.preview(action, this.#visitor)
  }

  run({ action, confirm }: ActionPreview, reason: string): Promise<ActionRecord> {
    return this.#actions.run(action, this.#visitor, reason, confirm, () => 0)
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#cache.close(), this.#tier.close()])
  }

  async #keys(): Promise<{ readonly keys: readonly string[] }> {
    const keys = new Set<string>()
    for await (const batch of this.#tier.scan(1_000)) {
      for (const key of batch) keys.add(key)
      if (keys.size >= MOST_KEYS) break
    }
    return { keys: [...keys] }
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms (--timeout)`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
