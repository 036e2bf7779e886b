import {
  type AlertsView,
  type Cache,
  createCache,
  type Fleet,
  type Operation,
  type RemoteTier,
  type Scope,
  systemClock,
} from '@tableforge/cache'
import type { Visitor } from '../access/gate.js'
import { Actions } from '../actions/actions.js'
import type { ActionPreview, ActionRecord, WireHealth, WireInspection } from '../wire.js'
import { CliError, EXIT } from './exit-codes.js'
import { operationText } from './operation-text.js'
import { type Figures, type Source, type Top, type TopLine, type TrailLine, topLine } from './source.js'

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
 * A namespace on Redis, asked without any process of the application: a node of its own for the time of the command,
 * which loads nothing and publishes no figures. What only processes know (their memory, alerts, who caused what) it
 * cannot tell.
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
      heavyHitters: true,
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

  /** What processes have published; of Redis itself where none does. */
  async figures({ windowMs, scope }: Parameters<Source['figures']>[0]): Promise<Figures> {
    const window = await this.#cache.watch.figures({ window: windowMs, scope: scopeOf(scope) })
    const nodes = this.#others(window.nodes)
    if (nodes.length > 0) return { of: 'window', window: { ...window, nodes } }
    const { keys } = await this.#keys()
    const { seq, epoch } = await this.#tier.log.position()
    const byDefinition: Record<string, number> = {}
    for (const key of keys) {
      const family = key.includes(':') ? key.slice(0, key.lastIndexOf(':')) : key
      byDefinition[family] = (byDefinition[family] ?? 0) + 1
    }
    return { of: 'redis', keys: keys.length, applied: seq, epoch, byDefinition }
  }

  /** By size what Redis holds; how often a key is read is what processes have told of it lately. */
  async top(query: Parameters<Source['top']>[0]): Promise<Top> {
    return query.by === 'bytes' ? { nodes: undefined, lines: await this.#largest(query) } : this.#busiest(query)
  }

  async #busiest({ by, limit, definition, scope }: Parameters<Source['top']>[0]): Promise<Top> {
    const filter = definition === undefined ? {} : { definition }
    const found = await this.#cache.watch.heavyHitters({ by, limit, scope: scopeOf(scope), ...filter })
    const nodes = this.#others(found.nodes)
    if (nodes.length === 0)
      throw new CliError(
        EXIT.notKnown,
        `no process has told of its keys with the most ${by} (heavyHitters: true makes it): use --by bytes`,
      )
    return { nodes, lines: found.keys.map(topLine) }
  }

  async #largest({ limit, definition }: Parameters<Source['top']>[0]): Promise<readonly TopLine[]> {
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

  async fleet(): Promise<Fleet | undefined> {
    const fleet = await this.#cache.watch.fleet()
    return { ...fleet, nodes: fleet.nodes.filter(({ self }) => !self) }
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

  /** This process only looks. */
  #others(nodes: readonly string[]): readonly string[] {
    return nodes.filter((name) => name !== this.#cache.node)
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

function scopeOf(given: string): Exclude<Scope, 'node'> {
  const [, node] = /^node:(.+)$/s.exec(given) ?? []
  if (given === 'fleet') return given
  if (node === undefined) throw new CliError(EXIT.usage, `--scope: on Redis expected fleet or node:NAME, got ${given}`)
  return { node }
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
