import { useSyncExternalStore } from 'react'
import type {
  ActionRecord,
  History,
  Invalidation,
  Notice,
  SessionInfo,
  Snapshot,
  Update,
  WireAudit,
  WireHealth,
  WireStats,
} from '../../src/wire.js'
import { ApiError, base, enter, fetchSession } from './api.js'
import { extended } from './figures.js'

/** Everything that the live stream has told, newest last. */
export interface Picture {
  readonly history: History
  readonly stats: WireStats
  readonly health: WireHealth | null
  readonly invalidations: readonly Invalidation[]
  readonly notices: readonly Notice[]
  /** What events and operators invalidated, with who and why. */
  readonly audit: readonly WireAudit[]
  readonly actions: readonly ActionRecord[]
}

export interface FeedState {
  /** `lost`: the picture is no longer live, and the feed tries to come back by itself. */
  readonly phase: 'connecting' | 'live' | 'lost'
  /** Wall time of the last message, 0 before the first. */
  readonly heardAt: number
  readonly session: SessionInfo | undefined
  readonly picture: Picture | undefined
  readonly paused: boolean
  /** Why the last attempt failed. */
  readonly problem: string | undefined
}

const KEPT_ENTRIES = 1_000
/** A message comes every second: this long without one and the picture is called stale. */
const SILENCE_MS = 4_000
/** After this long the connection is taken for dead, whatever the browser believes of it. */
const DEAD_MS = 12_000
const LONGEST_WAIT_MS = 10_000

/**
 * The live stream as a store. Comes back by itself and goes on where it was; sends who is no longer signed in to the
 * entrance.
 */
class Feed {
  #state: FeedState = {
    phase: 'connecting',
    heardAt: 0,
    session: undefined,
    picture: undefined,
    paused: false,
    problem: undefined,
  }
  #shown: FeedState = this.#state
  #cursor: string | undefined
  #source: EventSource | undefined
  #attempts = 0
  readonly #listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** While paused, the picture stands still; what is known of the connection goes on. */
  readonly read = (): FeedState => this.#shown

  start(): void {
    void this.#connect()
    setInterval(() => this.#watch(), 1_000)
  }

  setPaused(paused: boolean): void {
    this.#change({ paused })
  }

  async #connect(): Promise<void> {
    try {
      const session = await fetchSession()
      this.#change({ session, problem: undefined })
      this.#open()
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) enter()
      else this.#retry(error instanceof ApiError ? error.message : 'The console cannot be reached')
    }
  }

  #open(): void {
    const after = this.#cursor === undefined ? '' : `?after=${encodeURIComponent(this.#cursor)}`
    const source = new EventSource(`${base}/api/live${after}`)
    this.#source = source
    source.addEventListener('snapshot', (event) => this.#snapshot(JSON.parse(event.data) as Snapshot))
    source.addEventListener('update', (event) => this.#update(JSON.parse(event.data) as Update))
    source.addEventListener('error', () => {
      if (this.#source !== source) return
      // The browser comes back by itself unless it has given up; either way what is shown is no longer live.
      if (source.readyState === EventSource.CLOSED) this.#retry('The live stream was refused')
      else
        this.#change({
          phase: this.#state.picture === undefined ? 'connecting' : 'lost',
          problem: 'The live stream broke off',
        })
    })
  }

  #retry(problem: string): void {
    this.#source?.close()
    this.#source = undefined
    this.#attempts += 1
    this.#change({ phase: this.#state.picture === undefined ? 'connecting' : 'lost', problem })
    setTimeout(() => void this.#connect(), Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.#attempts))
  }

  #watch(): void {
    const silence = Date.now() - this.#state.heardAt
    if (this.#state.phase === 'live' && silence > SILENCE_MS)
      this.#change({ phase: 'lost', problem: 'Nothing has been heard' })
    if (this.#source !== undefined && this.#state.heardAt > 0 && silence > DEAD_MS)
      this.#retry('Nothing has been heard')
  }

  #snapshot(snapshot: Snapshot): void {
    const { cursor, ...picture } = snapshot
    this.#heard(cursor, picture)
  }

  #update({ cursor, samples, ...update }: Update): void {
    const before = this.#state.picture
    if (before === undefined) return
    this.#heard(cursor, {
      ...update,
      history: extended(before.history, samples),
      invalidations: merged(before.invalidations, update.invalidations),
      notices: merged(before.notices, update.notices),
      audit: merged(before.audit, update.audit),
      actions: merged(before.actions, update.actions),
    })
  }

  #heard(cursor: string, picture: Picture): void {
    this.#cursor = cursor
    this.#attempts = 0
    this.#change({ phase: 'live', heardAt: Date.now(), picture, problem: undefined })
  }

  #change(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change }
    this.#shown = this.#state.paused
      ? { ...this.#state, picture: this.#shown.picture ?? this.#state.picture }
      : this.#state
    for (const listener of this.#listeners) listener()
  }
}

/** New entries join at the end; one that is known is replaced where it stands. */
function merged<T extends { readonly id: number }>(kept: readonly T[], added: readonly T[]): readonly T[] {
  if (added.length === 0) return kept
  const byId = new Map(kept.map((entry) => [entry.id, entry]))
  for (const entry of added) byId.set(entry.id, entry)
  return [...byId.values()].slice(-KEPT_ENTRIES)
}

export const feed = new Feed()

export function useFeed(): FeedState {
  return useSyncExternalStore(feed.subscribe, feed.read)
}
