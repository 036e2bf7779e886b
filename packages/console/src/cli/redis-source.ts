import {
  type AlertsView,
  type Cache,
  CacheError,
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
import { CliError, EXIT, SilentTier } from './exit-codes.js'
import { nodeNamed, nodeOf, noSuch } from './names.js'
import { operationText } from './operation-text.js'
import { type Figures, type Source, type Top, type TopLine, type TrailLine, topLine } from './source.js'

type Messages = Exclude<Awaited<ReturnType<RemoteTier['log']['read']>>, 'trimmed'>

export interface RedisAddress {
  readonly url: string
  readonly namespace: string
  readonly actor: string
  readonly timeoutMs: number
}

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const BATCH = 200
const MOST_KEYS = 20_000
/** Messages of the log that are looked through for each invalidation: many only tell that a value was set. */
const MESSAGES_A_LINE = 5

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
    const { hasNamespace, redis } = await import('@tableforge/cache/redis')
    const { namespace, timeoutMs } = address
    // A cache that connects begins the log of its namespace: a name that was mistyped would be there for ever.
    if (!(await answered(timeoutMs, hasNamespace({ url: address.url }, namespace))))
      throw new CliError(EXIT.noNamespace, `nothing is known of the namespace ${namespace} on this Redis`)
    const remote = redis({ url: address.url })
    const cache = createCache({
      namespace,
      node: 'tfcache',
      remote,
      remoteOptions: { timeout: timeoutMs, commitTimeout: timeoutMs },
      history: { publish: false },
      // It counts nothing itself, so that only what others counted by sample is called one.
      heavyHitters: { sample: 1 },
    })
    const tier = remote.open({ namespace, node: 'tfcache', clock: systemClock, logger: SILENT })
    const source = new RedisSource(cache, tier, address)
    try {
      await answered(timeoutMs, Promise.all([cache.ready(), tier.connect()]))
      return source
    } catch (error) {
      await source.close()
      throw error
    }
  }

  /** What processes have published; of Redis itself where none does. */
  async figures({ windowMs, scope }: Parameters<Source['figures']>[0]): Promise<Figures> {
    const window = await this.#ofScope(scope, (found) => this.#cache.watch.figures({ window: windowMs, scope: found }))
    const nodes = this.#others(window.nodes)
    if (nodes.length > 0) return { of: 'window', window: { ...window, nodes } }
    const { keys } = await this.#keys()
    const { seq, epoch } = await toldOf(this.#tier.log.position())
    const byDefinition: Record<string, number> = {}
    for (const key of keys) {
      const family = key.includes(':') ? key.slice(0, key.lastIndexOf(':')) : key
      byDefinition[family] = (byDefinition[family] ?? 0) + 1
    }
    return { of: 'redis', keys: keys.length, applied: seq, epoch, byDefinition }
  }

  /** By size what Redis holds; how often a key is read is what processes have told of it lately. */
  async top(query: Parameters<Source['top']>[0]): Promise<Top> {
    return query.by === 'bytes'
      ? { nodes: undefined, sample: 1, lines: await this.#largest(query) }
      : this.#busiest(query)
  }

  async #busiest({ by, limit, definition, scope }: Parameters<Source['top']>[0]): Promise<Top> {
    const filter = definition === undefined ? {} : { definition }
    const found = await this.#ofScope(scope, (wanted) =>
      this.#cache.watch.heavyHitters({ by, limit, scope: wanted, ...filter }),
    )
    const nodes = this.#others(found.nodes)
    if (nodes.length === 0)
      throw new CliError(
        EXIT.notKnown,
        `no process has told of its keys with the most ${by} (heavyHitters: true makes it): use --by bytes`,
      )
    if (found.keys.length === 0 && definition !== undefined) await this.#refuseUnknown(definition)
    return { nodes, sample: found.sample, lines: found.keys.map(topLine) }
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
        lines.push({ key, definition: definition ?? '', value: values[index]?.byteLength ?? 0, error: 0 })
    }
    if (lines.length === 0 && definition !== undefined) await this.#refuseUnknown(definition)
    return lines.sort((a, b) => b.value - a.value).slice(0, limit)
  }

  inspect(key: string): Promise<WireInspection> {
    return this.#cache.inspect(key, { watch: false })
  }

  async health(): Promise<WireHealth> {
    return { ...(await this.#cache.health()), at: systemClock.now() }
  }

  async fleet(): Promise<Fleet> {
    const fleet = await this.#cache.watch.fleet()
    return { ...fleet, nodes: fleet.nodes.filter(({ self }) => !self) }
  }

  async alerts(): Promise<AlertsView> {
    throw new CliError(EXIT.notKnown, 'Alerts are judged by the processes of the application: ask a console (--url)')
  }

  async trail(limit: number): Promise<readonly TrailLine[]> {
    const lines = (await this.#messages(limit * MESSAGES_A_LINE)).flatMap(
      ({ seq, origin, operations }): TrailLine[] => {
        const told = operations.filter(({ type }: Operation) => type !== 'set')
        if (told.length === 0) return []
        const what = told.map((operation: Operation) => operationText(operation))
        return [{ at: null, seq, origin, what, event: null, actor: null, reason: null, propagated: true }]
      },
    )
    return lines.slice(-limit)
  }

  /** The newest messages of the log, oldest first. How far back they are kept is not told: it is tried. */
  async #messages(most: number): Promise<Messages> {
    const { log } = this.#tier
    const { seq } = await toldOf(log.position())
    for (let count = Math.min(seq, most); count >= 1; count = Math.floor(count / 2)) {
      const messages = await toldOf(log.read(seq - count, count))
      if (messages !== 'trimmed') return messages
    }
    return []
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

  /** Asks of a scope in which a node may be named by the name that it was given; refuses one that nobody has. */
  async #ofScope<T extends { readonly nodes: readonly string[] }>(
    given: string,
    ask: (scope: Scope) => Promise<T>,
  ): Promise<T> {
    const name = nodeOf(given)
    if (name === undefined) {
      if (given === 'fleet') return toldOf(ask('fleet'))
      throw new CliError(EXIT.usage, `--scope: on Redis expected fleet or node:NAME, got ${given}`)
    }
    const names = (await this.fleet()).nodes.map(({ node }) => node)
    const node = nodeNamed(name, names)
    const answer = await toldOf(ask({ node }))
    if (answer.nodes.length === 0 && !names.includes(node)) throw noSuch('--scope', 'node', name, names)
    return answer
  }

  /** Which definitions there are is what processes tell; where none does, nothing is refused. */
  async #refuseUnknown(definition: string): Promise<void> {
    const names = Object.keys((await this.fleet()).definitions).filter((name) => name !== '')
    if (names.length > 0 && !names.includes(definition))
      throw noSuch('--definition', 'definition', definition, names.sort())
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

/** What Redis told; a failure to answer is told as one of Redis. */
async function toldOf<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof CacheError && error.code.startsWith('remote-') ? new SilentTier(error.message) : error
  }
}

/** What Redis answers while the command begins, within the time that there is for it. */
async function answered<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms (--timeout)`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(EXIT.unreachable, `Redis does not answer: ${reason}`)
  } finally {
    clearTimeout(timer)
  }
}
