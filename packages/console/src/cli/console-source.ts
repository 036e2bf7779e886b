import type { AlertsView, Fleet, HeavyHitters, Operation, WindowFigures } from '@tableforge/cache'
import { causeFinder } from '../causes.js'
import type {
  ActionPreview,
  ActionRecord,
  Invalidation,
  SessionInfo,
  WireAudit,
  WireDefinition,
  WireError,
  WireHealth,
  WireInspection,
  WireStats,
} from '../wire.js'
import { CliError, EXIT, SilentTier } from './exit-codes.js'
import { asTyped, nodeNamed, nodeOf, noSuch } from './names.js'
import { operationText } from './operation-text.js'
import { type Figures, type Source, type Top, type TrailLine, topLine } from './source.js'

export interface ConsoleAddress {
  readonly url: string
  readonly token: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly timeoutMs: number
}

/** A running console, asked over its API with the credentials of a program: each call carries them. */
export class ConsoleSource implements Source {
  readonly name: string
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #timeoutMs: number

  constructor({ url, token, username, password, timeoutMs }: ConsoleAddress) {
    const { origin, pathname, host } = parseUrl(url)
    this.#base = `${origin}${pathname.replace(/\/+$/, '')}/api`
    this.name = host
    this.#timeoutMs = timeoutMs
    const basic = Buffer.from(`${username}:${password ?? ''}`).toString('base64')
    this.#headers =
      token !== undefined
        ? { authorization: `Bearer ${token}` }
        : username !== undefined
          ? { authorization: `Basic ${basic}` }
          : {}
  }

  async figures({ windowMs, scope }: { windowMs: number; scope: string }): Promise<Figures> {
    const { watched } = await this.#get<SessionInfo>('session')
    if (!watched) return { of: 'process', stats: await this.#get<WireStats>('stats') }
    const window = `${Math.max(1, Math.round(windowMs / 1_000))}s`
    const figures = await this.#ofScope(scope, (found) =>
      this.#get<WindowFigures>(`figures?${new URLSearchParams({ window, scope: found })}`),
    ).catch((error: unknown) => {
      throw error instanceof SilentTier ? withoutFleet(scope, error) : error
    })
    return { of: 'window', window: figures }
  }

  async top({ by, limit, definition, scope }: Parameters<Source['top']>[0]): Promise<Top> {
    const filter = definition === undefined ? {} : { definition }
    const { nodes, sample, keys } = await this.#ofScope(scope, (found) => {
      const query = new URLSearchParams({ by, limit: String(limit), scope: found, ...filter })
      return this.#get<HeavyHitters>(`top?${query}`)
    })
    if (keys.length === 0 && definition !== undefined) await this.#refuseUnknown(definition)
    return { nodes, sample, lines: keys.map(topLine) }
  }

  inspect(key: string): Promise<WireInspection> {
    return this.#get(`inspect?${new URLSearchParams({ key })}`)
  }

  health(): Promise<WireHealth> {
    return this.#get('health')
  }

  async fleet(): Promise<Fleet | undefined> {
    return (await this.#get<SessionInfo>('session')).watched ? this.#get<Fleet>('fleet') : undefined
  }

  alerts(): Promise<AlertsView> {
    return this.#get('alerts')
  }

  async trail(limit: number): Promise<readonly TrailLine[]> {
    const [{ invalidations }, { records }] = await Promise.all([
      this.#get<{ invalidations: Invalidation[] }>(`invalidations?limit=${limit}`),
      this.#get<{ records: WireAudit[] }>('audit?limit=1000'),
    ])
    const causeOf = causeFinder(records)
    return invalidations.map((entry) => {
      const cause = causeOf(entry)
      return {
        at: entry.at,
        seq: entry.seq,
        origin: entry.origin,
        what: [
          ...entry.operations.map((operation: Operation) => operationText(operation)),
          ...(entry.more > 0 ? [`and ${entry.more} more`] : []),
        ],
        event: cause?.event ?? null,
        actor: cause?.actor ?? null,
        reason: cause?.reason ?? null,
        propagated: entry.propagated,
      }
    })
  }

  preview(action: ActionPreview['action']): Promise<ActionPreview> {
    return this.#post('actions/preview', { action })
  }

  run({ action, confirm }: ActionPreview, reason: string): Promise<ActionRecord> {
    return this.#post('actions', { action, confirm, reason })
  }

  async close(): Promise<void> {
    // Each call stands for itself: nothing is held open.
  }

  /** Asks of a scope in which a node may be named by the name that it was given; refuses one that nobody has. */
  async #ofScope<T extends { readonly nodes: readonly string[] }>(
    scope: string,
    ask: (scope: string) => Promise<T>,
  ): Promise<T> {
    const name = nodeOf(scope)
    if (name === undefined) return ask(scope)
    const names = (await this.fleet())?.nodes.map(({ node }) => node) ?? []
    const node = nodeNamed(name, names)
    const answer = await ask(`node:${node}`)
    // Who is gone may still have a history: only a name without anything is none.
    if (answer.nodes.length === 0 && !names.includes(node)) throw noSuch('--scope', 'node', name, names)
    return answer
  }

  async #refuseUnknown(definition: string): Promise<void> {
    const [{ definitions }, fleet] = await Promise.all([
      this.#get<{ definitions: WireDefinition[] }>('definitions'),
      this.fleet(),
    ])
    const names = new Set([...definitions.map(({ name }) => name), ...Object.keys(fleet?.definitions ?? {})])
    names.delete('')
    if (!names.has(definition)) throw noSuch('--definition', 'definition', definition, [...names].sort())
  }

  #get<T>(path: string): Promise<T> {
    return this.#call<T>(path, {})
  }

  async #post<T>(path: string, body: object): Promise<T> {
    // A console that is open to this machine alone asks for its token against forgery even from programs.
    const headers = { 'content-type': 'application/json', ...(await this.#csrf()) }
    return this.#call<T>(path, { method: 'POST', body: JSON.stringify(body), headers })
  }

  async #csrf(): Promise<Record<string, string>> {
    if (this.#headers.authorization !== undefined) return {}
    return { 'x-csrf-token': (await this.#get<SessionInfo>('session')).csrf }
  }

  async #call<T>(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<T> {
    const response = await fetch(`${this.#base}/${path}`, {
      ...init,
      headers: { accept: 'application/json', ...this.#headers, ...init.headers },
      redirect: 'error',
      signal: AbortSignal.timeout(this.#timeoutMs),
    }).catch((error: unknown) => {
      throw new CliError(EXIT.unreachable, `no console answers at ${this.#base}: ${reasonOf(error)}`)
    })
    const body: unknown = await response.json().catch(() => undefined)
    if (response.ok && body !== undefined) return body as T
    throw this.#failure(response.status, body as Partial<WireError> | undefined)
  }

  #failure(status: number, body: Partial<WireError> | undefined): CliError {
    const { code, message } = body?.error ?? {}
    if (code === undefined || code === 'not-found')
      return new CliError(
        EXIT.unreachable,
        `${this.#base} is no console: it answered with ${status}. --url is where the console is mounted, such as http://localhost:3000/console`,
      )
    const told = message ?? `the console answered with ${status}`
    if (status === 502 && code.startsWith('remote-')) return new SilentTier(told)
    if (code === 'operators-only') return new CliError(EXIT.unreachable, `${told} These credentials are a viewer's.`)
    if (status === 401)
      return new CliError(EXIT.unreachable, `${told} Give --token (or TFCACHE_TOKEN), or --user and TFCACHE_PASSWORD.`)
    if (status === 403 || status === 429 || status === 503) return new CliError(EXIT.unreachable, told)
    if (code === 'not-watched') return new CliError(EXIT.notKnown, told)
    return status === 400 ? new CliError(EXIT.usage, asTyped(told)) : new CliError(EXIT.failed, told)
  }
}

function withoutFleet(scope: string, { reason }: SilentTier): SilentTier {
  const whose = scope === 'fleet' ? 'of the fleet' : 'of other nodes'
  return new SilentTier(
    reason,
    `the figures ${whose} are kept in the remote tier, which does not answer (${reason}). Those of the node that is asked: --scope node`,
  )
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw new CliError(EXIT.usage, `--url: expected an address such as http://localhost:3000/console, got ${url}`)
  if (parsed.username !== '' || parsed.password !== '')
    throw new CliError(EXIT.usage, '--url: expected no credentials in it; give --token or --user')
  return parsed
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long (--timeout)'
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}
