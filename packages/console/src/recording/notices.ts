import type { CacheEvent } from '@tableforge/cache'
import type { Notice, NoticeLevel } from '../wire.js'
import { Ring } from './ring.js'

/** The events that an operator should know of; the others are figures. */
export const NOTICED = [
  'load-error',
  'remote-error',
  'remote-state',
  'breaker',
  'bypass',
  'damaged',
  'schema-mismatch',
  'log-repaired',
  'log-lost',
  'recovered',
  'close',
] as const

export type NoticedEvent = Extract<CacheEvent, { type: (typeof NOTICED)[number] }>

interface Telling {
  readonly level: NoticeLevel
  readonly kind: string
  readonly message: string
  readonly definition: string | null
}

const RECENT = 8

/**
 * The last errors and changes of state. A notice like one of the newest few raises its count instead of joining the
 * list.
 */
export class Notices {
  readonly #notices: Ring<{ notice: Notice; tick: number }>
  #id = 0

  constructor(capacity: number) {
    this.#notices = new Ring(capacity)
  }

  event(event: NoticedEvent, at: number, tick: number): void {
    this.add(tell(event), at, tick)
  }

  /** `tick` is the sample under way. */
  add(telling: Telling, at: number, tick: number): void {
    const known = this.#notices.last(RECENT).findLast(({ notice }) => sameAs(notice, telling))
    if (known !== undefined && telling.level !== 'info') {
      known.notice = { ...known.notice, at, count: known.notice.count + 1 }
      known.tick = tick
      return
    }
    this.#id += 1
    this.#notices.push({ tick, notice: { ...telling, id: this.#id, since: at, at, count: 1 } })
  }

  /** New or changed in the samples after `tick`, oldest first. */
  since(tick: number): Notice[] {
    return this.#notices.toArray().flatMap((one) => (one.tick > tick ? [one.notice] : []))
  }

  /** The newest `count`, oldest first. */
  last(count: number): Notice[] {
    return this.#notices.last(count).map((one) => one.notice)
  }
}

function sameAs(notice: Notice, telling: Telling): boolean {
  return notice.kind === telling.kind && notice.message === telling.message && notice.definition === telling.definition
}

function tell(event: NoticedEvent): Telling {
  const of = (level: NoticeLevel, message: string, definition: string | null = null): Telling => ({
    level,
    kind: event.type,
    message,
    definition,
  })
  switch (event.type) {
    case 'load-error':
      return of('error', `A load failed: ${messageOf(event.error)}`, event.definition)
    case 'remote-error':
      return of('error', `The remote tier failed to ${event.operation}: ${messageOf(event.error)}`)
    case 'remote-state':
      return of(event.state === 'down' ? 'error' : 'info', `The remote tier is ${event.state}`)
    case 'breaker':
      return of(event.state === 'open' ? 'error' : 'info', `The breaker is ${event.state} (${event.reason})`)
    case 'bypass':
      return of('warning', bypassText(event))
    case 'damaged':
      return of('error', `A damaged value was met and treated as a miss: ${safe(event.reason)}`, event.definition)
    case 'schema-mismatch':
      return of('warning', 'A value did not match its schema and was treated as a miss', event.definition)
    case 'log-repaired':
      return of('warning', `${missedText(event)} of the log ${event.from === event.to ? 'was' : 'were'} read again`)
    case 'log-lost':
      return of('warning', `The log was lost (${event.reason}): memory is confirmed again before it is served`)
    case 'recovered':
      return of('info', `${event.operations} waiting invalidations were sent after all`)
    case 'close':
      return of('info', 'The cache was closed')
  }
}

function messageOf(error: unknown): string {
  return safe(error instanceof Error ? error.message : String(error))
}

/** A message fit for the page: no credentials of addresses, and not endless. */
function safe(text: string): string {
  const shown = text.replace(/\/\/[^/\s@]*@/g, '//***@')
  return shown.length > 240 ? `${shown.slice(0, 239)}…` : shown
}

function missedText({ from, to }: { from: number; to: number }): string {
  return from === to ? `The missed message ${from}` : `The missed messages ${from} to ${to}`
}

function bypassText({ tier, on, scope, by, reason }: Extract<CacheEvent, { type: 'bypass' }>): string {
  if (scope === 'node')
    return `The ${tier} tier is ${on ? 'bypassed by an operator on this node' : 'no longer bypassed for this node alone'}`
  return on
    ? `The ${tier} tier is bypassed by every node: ${by}, ${safe(reason ?? '')}`
    : `The ${tier} tier is no longer bypassed by every node`
}
