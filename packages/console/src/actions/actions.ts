import type { Logger } from '@tableforge/cache'
import {
  createInvalidator,
  everything,
  expire,
  type Invalidator,
  key,
  pattern,
  regex,
  type Target,
  type Targets,
  tag,
} from '@tableforge/cache/invalidation'
import type { Visitor } from '../access/gate.js'
import type { ConsoleCache, ConsoleClock, ConsoleInvalidator } from '../options.js'
import { Ring } from '../recording/ring.js'
import { watchOf } from '../watched.js'
import type { Action, ActionPreview, ActionRecord, ActionTarget } from '../wire.js'
import { Confirmations } from './confirmations.js'
import { summaryOf, warningsOf } from './describe.js'
import { BadBody } from './parse.js'
import { keysToWarm, warm } from './warm.js'

export const KEPT_ACTIONS = 200

export interface ActionsOptions {
  readonly cache: ConsoleCache
  readonly invalidator: ConsoleInvalidator | undefined
  readonly sessionSecret: string | undefined
  readonly clock: ConsoleClock
  readonly logger: Logger | undefined
}

/** What came of an action that was done. */
type Told = Pick<ActionRecord, 'result' | 'until'>

/**
 * What operators do to the cache. Each action is shown first and asked for a second time with the token of its preview;
 * then it is done, and recorded with who and why, also when it failed. Invalidations go through the invalidator, so
 * that they stand in the same audit trail as those of the application's events.
 */
export class Actions {
  readonly invalidator: ConsoleInvalidator
  /** The invalidator, when it was not handed in. */
  readonly #own?: Invalidator<object>
  readonly #options: ActionsOptions
  readonly #confirmations: Confirmations
  readonly #records = new Ring<{ record: ActionRecord; tick: number }>(KEPT_ACTIONS)
  #id = 0

  constructor(options: ActionsOptions) {
    this.#options = options
    this.#confirmations = new Confirmations(options.sessionSecret)
    if (options.invalidator !== undefined) this.invalidator = options.invalidator
    else this.invalidator = this.#own = createInvalidator(options.cache, { rules: {} })
  }

  /** Lets invalidations that are under way end, unless the invalidator is somebody else's. */
  async close(): Promise<void> {
    await this.#own?.close()
  }

  /** What the action would do; changes nothing. */
  async preview(action: Action, visitor: Visitor): Promise<ActionPreview> {
    const { cache, clock } = this.#options
    const target = action.type === 'clear' ? 'everything' : action.type === 'invalidate' ? action.target : undefined
    return {
      action,
      summary: summaryOf(action),
      warnings: warningsOf(action),
      ...(target === undefined ? {} : { covers: await cache.preview(cacheTarget(target)) }),
      ...(action.type === 'warm' ? { keys: await keysToWarm(cache, action) } : {}),
      ...this.#confirmations.give(action, visitor.id, clock.now()),
    }
  }

  /**
   * Does it. Never rejects for a failure of the action, which its record tells; throws a `BadBody` when it was not
   * confirmed.
   */
  async run(
    action: Action,
    visitor: Visitor,
    reason: string,
    confirm: string,
    tick: () => number,
  ): Promise<ActionRecord> {
    const { cache, clock, logger } = this.#options
    const startedAt = clock.now()
    const refusal = this.#confirmations.refusalOf(confirm, action, visitor.id, startedAt)
    if (refusal !== undefined) throw new BadBody(refusal)
    const became = await this.#do(action, { actor: visitor.name, reason }).then(
      (told) => ({ outcome: 'done' as const, ...told }),
      (error: unknown) => ({
        outcome: 'failed' as const,
        result: error instanceof Error ? error.message : 'failed for a reason that is no error',
      }),
    )
    this.#id += 1
    const record: ActionRecord = {
      id: this.#id,
      at: startedAt,
      node: cache.node,
      actor: visitor.name,
      reason,
      action,
      summary: summaryOf(action),
      ...became,
      durationMs: clock.now() - startedAt,
    }
    this.#records.push({ record, tick: tick() })
    logger?.[record.outcome === 'done' ? 'info' : 'error']({ action: record }, `console: ${record.summary}`)
    return record
  }

  /** The newest `count`, oldest first. */
  last(count: number): ActionRecord[] {
    return this.#records.last(count).map(({ record }) => record)
  }

  /** Written in the samples after `tick`, oldest first. */
  since(tick: number): ActionRecord[] {
    return this.#records.toArray().flatMap((one) => (one.tick > tick ? [one.record] : []))
  }

  async #do(action: Action, cause: { actor: string; reason: string }): Promise<Told> {
    const { cache } = this.#options
    switch (action.type) {
      case 'invalidate':
      case 'clear':
        return { result: await this.#invalidate(action, cause) }
      case 'warm':
        return { result: await warm(cache, action) }
      case 'bypass':
        return this.#bypass(action, cause)
      case 'silence': {
        const { durationMs, alert } = action
        const silence = await watchOf(cache).silence({
          alert,
          duration: durationMs,
          by: cause.actor,
          reason: cause.reason,
        })
        return { result: 'Silent', until: silence.until }
      }
      case 'unsilence':
        await watchOf(cache).unsilence(action.silence)
        return { result: 'It is told of again' }
    }
  }

  async #bypass(
    { tier, on, scope, durationMs = 0 }: Extract<Action, { type: 'bypass' }>,
    { actor, reason }: { actor: string; reason: string },
  ): Promise<Told> {
    const { cache } = this.#options
    if (scope !== 'fleet') {
      cache.bypass(tier, on)
      return { result: on ? 'Reads of this node go around it' : 'Reads of this node use it again' }
    }
    if (!on) {
      await watchOf(cache).endBypass(tier)
      return { result: 'Every node uses it again within seconds' }
    }
    const { until } = await watchOf(cache).bypass({ tier, duration: durationMs, by: actor, reason })
    return { result: 'Reads of every node go around it', until }
  }

  /** What it covers is counted just before, so that the record can tell what was removed. */
  async #invalidate(
    action: Extract<Action, { type: 'invalidate' | 'clear' }>,
    cause: { actor: string; reason: string },
  ): Promise<string> {
    const target = action.type === 'clear' ? 'everything' : action.target
    const covered = await this.#options.cache.preview(cacheTarget(target))
    const record = await this.invalidator.invalidate(targetsOf(action), cause)
    const remote = covered.remote
    const inRemote =
      remote === undefined
        ? 'the remote tier did not tell'
        : `${remote.complete ? '' : 'more than '}${remote.entries} in the remote tier`
    const sent = record.propagated ? '' : '; waits to be sent to other nodes'
    return `Covered ${covered.memory.entries} in memory here, ${inRemote}${sent}`
  }
}

function cacheTarget(target: ActionTarget | 'everything') {
  return target === 'everything' ? target : 'regex' in target ? { regex: expressionOf(target.regex) } : target
}

function targetsOf(action: Extract<Action, { type: 'invalidate' | 'clear' }>): Targets {
  if (action.type === 'clear') return everything()
  const target = targetOf(action.target)
  return action.mode === 'expire' ? expire(target) : target
}

function targetOf(target: ActionTarget): Target {
  if ('key' in target) return key(target.key)
  if ('tag' in target) return tag(target.tag)
  return 'pattern' in target ? pattern(target.pattern) : regex(expressionOf(target.regex))
}

/** `/source/flags`, or the source alone. The library checks what RE2 makes of it, in linear time. */
function expressionOf(text: string): RegExp {
  const [, source = text, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? []
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new BadBody(`action.target.regex: ${error instanceof Error ? error.message : String(error)}`)
  }
}
