import { randomBytes } from 'node:crypto'
import type { CacheHealth } from '@tableforge/cache'
import { KEPT_ACTIONS } from '../actions/actions.js'
import type { ConsoleCache, ConsoleClock, ConsoleInvalidator } from '../options.js'
import type { ActionRecord, Snapshot, Update, WireHealth, WireStats } from '../wire.js'
import { AuditFeed } from './audit-feed.js'
import { SampleHistory } from './history.js'
import { NOTICED, Notices } from './notices.js'
import { InvalidationTrail } from './trail.js'

export const INTERVAL_MS = 1_000
/** Ten minutes at one sample a second. */
export const KEPT_SAMPLES = 600
export const KEPT_INVALIDATIONS = 1_000
/** To somebody who begins to watch; more is there for who asks. */
const SENT_INVALIDATIONS = 500
export const KEPT_NOTICES = 200
export const KEPT_AUDIT = 300
const SAMPLES_PER_HEALTH = 5

/** What operators did lately; the recorder sends it along. */
export interface ActionSource {
  readonly invalidator: ConsoleInvalidator
  since(tick: number): readonly ActionRecord[]
  last(count: number): readonly ActionRecord[]
}

export interface RecorderListener {
  update(update: Update): void
  /** A sample could not be taken; the next is tried as usual. */
  failed(error: unknown): void
}

/**
 * Watches one cache: samples its figures every second and keeps what happened, all of it bounded. A cursor names a
 * moment of this recorder, from which a reader can go on without a gap.
 */
export class Recorder {
  readonly history: SampleHistory
  readonly trail: InvalidationTrail
  readonly notices = new Notices(KEPT_NOTICES)
  readonly audit: AuditFeed
  readonly #actions: ActionSource
  readonly #cache: ConsoleCache
  readonly #clock: ConsoleClock
  readonly #listener: RecorderListener
  readonly #instance = randomBytes(6).toString('hex')
  readonly #unsubscribe: (() => void)[] = []
  #health: WireHealth | undefined
  #healthUnderWay: Promise<WireHealth> | undefined
  #timer: unknown
  #closed = false

  constructor(cache: ConsoleCache, actions: ActionSource, clock: ConsoleClock, listener: RecorderListener) {
    this.#cache = cache
    this.#clock = clock
    this.#listener = listener
    this.history = new SampleHistory(cache.stats(), INTERVAL_MS, KEPT_SAMPLES)
    this.#actions = actions
    this.audit = new AuditFeed(actions.invalidator, KEPT_AUDIT)
    this.trail = new InvalidationTrail(cache.node, KEPT_INVALIDATIONS)
    this.#listen()
    this.#schedule()
    void this.health()
  }

  /** The cache's health, taken now; callers at the same time share one answer. Never rejects. */
  health(): Promise<WireHealth> {
    this.#healthUnderWay ??= this.#takeHealth().finally(() => {
      this.#healthUnderWay = undefined
    })
    return this.#healthUnderWay
  }

  /** What is new since `cursor`; `undefined` when it is of another recorder or reaches back too far. */
  since(cursor: string): Update | undefined {
    const [instance, id, ...rest] = cursor.split(':')
    if (instance !== this.#instance || id === undefined || rest.length > 0 || !/^\d{1,15}$/.test(id)) return undefined
    const samples = this.history.since(Number(id))
    if (samples === undefined) return undefined
    return {
      cursor: this.#cursor(),
      samples,
      invalidations: this.trail.since(Number(id)),
      notices: this.notices.since(Number(id)),
      audit: this.audit.since(Number(id)),
      actions: this.#actions.since(Number(id)),
      stats: this.#stats(),
      health: this.#health ?? null,
    }
  }

  snapshot(): Snapshot {
    return {
      cursor: this.#cursor(),
      history: this.history.columns(),
      invalidations: this.trail.last(SENT_INVALIDATIONS),
      notices: this.notices.last(KEPT_NOTICES),
      audit: this.audit.last(KEPT_AUDIT),
      actions: this.#actions.last(KEPT_ACTIONS),
      stats: this.#stats(),
      health: this.#health ?? null,
    }
  }

  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }

  #listen(): void {
    const { trail, notices } = this
    this.#unsubscribe.push(
      this.#cache.on('invalidate', (event) => trail.issued(event, this.#clock.now(), this.tick)),
      this.#cache.on('applied', (event) => trail.applied(event, this.#clock.now(), this.tick)),
      ...NOTICED.map((type) => this.#cache.on(type, (event) => notices.event(event, this.#clock.now(), this.tick))),
    )
  }

  /** The sample that what happens now will be sent with. */
  get tick(): number {
    return this.history.id + 1
  }

  #cursor(): string {
    return `${this.#instance}:${this.history.id}`
  }

  /** `JSON.stringify` writes Infinity as null, which is what {@link WireStats} says. */
  #stats(): WireStats {
    return this.history.latest
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimeout(() => {
      try {
        this.#sample()
      } catch (error) {
        this.#listener.failed(error)
      }
      if (!this.#closed) this.#schedule()
    }, INTERVAL_MS)
  }

  #sample(): void {
    this.audit.poll(this.tick)
    const sample = this.history.record(this.#cache.stats())
    if (sample.id % SAMPLES_PER_HEALTH === 0) void this.health()
    this.#listener.update({
      cursor: this.#cursor(),
      samples: [sample],
      invalidations: this.trail.since(sample.id - 1),
      notices: this.notices.since(sample.id - 1),
      audit: this.audit.since(sample.id - 1),
      actions: this.#actions.since(sample.id - 1),
      stats: this.#stats(),
      health: this.#health ?? null,
    })
  }

  async #takeHealth(): Promise<WireHealth> {
    const health = await this.#cache.health().catch(unknownHealth)
    const before = this.#health
    this.#health = { ...health, at: this.#clock.now() }
    if (!this.#closed && before?.status !== health.status && (before !== undefined || health.status !== 'healthy')) {
      this.notices.add(
        {
          level: health.status === 'healthy' ? 'info' : health.status === 'degraded' ? 'warning' : 'error',
          kind: 'health',
          message: `The cache is ${health.status}${reasons(health)}`,
          definition: null,
        },
        this.#clock.now(),
        this.tick,
      )
    }
    return this.#health
  }
}

function unknownHealth(error: unknown): CacheHealth {
  const reason = error instanceof Error ? error.message : String(error)
  return { status: 'unhealthy', components: [{ name: 'health', status: 'unhealthy', reason }] }
}

function reasons(health: CacheHealth): string {
  const told = health.components.flatMap((component) =>
    component.reason === undefined ? [] : [`${component.name}: ${component.reason}`],
  )
  return told.length === 0 ? '' : ` (${told.join('; ')})`
}
