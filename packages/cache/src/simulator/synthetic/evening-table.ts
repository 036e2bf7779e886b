import { DELETE, READ, type Trace, WRITE } from '../trace.js'
import { TraceBuilder } from '../trace-builder.js'

const SECOND = 1_000

/**
 * What TableForge keeps in memory: how long it lives there (its definitions), and about how large it is. The sizes are
 * estimates, by what the entries hold. Sessions and permissions are missing, since they are never read from memory.
 */
const DEFINITIONS = {
  'room:state': { ttlMs: 300 * SECOND, bytes: 6_000 },
  'room:players': { ttlMs: 60 * SECOND, bytes: 1_200 },
  'room:chat': { ttlMs: 1_800 * SECOND, bytes: 12_000 },
  'room:assets': { ttlMs: 1_800 * SECOND, bytes: 600 },
  'user:profile': { ttlMs: 1_800 * SECOND, bytes: 500 },
  'user:rooms': { ttlMs: 300 * SECOND, bytes: 700 },
  notification: { ttlMs: 1_800 * SECOND, bytes: 1_500 },
  rate: { ttlMs: 3_600 * SECOND, bytes: 120 },
  'popular:rooms': { ttlMs: 300 * SECOND, bytes: 600 },
  'asset:meta': { ttlMs: 3_600 * SECOND, bytes: 500 },
  'batch:assets': { ttlMs: 3_600 * SECOND, bytes: 3_000 },
  'recent:assets': { ttlMs: 300 * SECOND, bytes: 600 },
  'system:template': { ttlMs: 7_200 * SECOND, bytes: 2_500 },
  'system:assets': { ttlMs: 7_200 * SECOND, bytes: 500 },
  query: { ttlMs: 600 * SECOND, bytes: 700 },
  search: { ttlMs: 300 * SECOND, bytes: 400 },
  leaderboard: { ttlMs: 900 * SECOND, bytes: 2_500 },
} as const

export type EveningDefinition = keyof typeof DEFINITIONS

/** A room while people sit at it. */
export interface Table {
  readonly room: number
  readonly system: number
  readonly members: number[]
  /** Names of its files, the newest first. */
  readonly files: string[]
  messages: number
}

const PAGE = 50
const FILES_AT_FIRST = 4
const FILES_AT_MOST = 8
const SYSTEMS = 5
/** Rooms that a page of the lobby lists, and files that count as new. */
const LISTED = 12

/** Everything that an evening consists of, and the trace that it leaves. */
export class Evening {
  readonly tables: Table[] = []
  readonly recentFiles: string[] = []
  readonly #random: () => number
  readonly #numbers = new Map<string, number>()
  readonly #trace = new TraceBuilder({ kinds: true, sizes: true, times: true, ttls: true })
  #files = 0
  /** Milliseconds since its beginning. */
  now = 0

  constructor(random: () => number) {
    this.#random = random
  }

  open(room: number): Table {
    const table: Table = { room, system: Math.floor(this.#random() * SYSTEMS), members: [], files: [], messages: 0 }
    // As many messages as an evening before this one left.
    table.messages = Math.floor(this.between(0, 6 * PAGE))
    for (let file = 0; file < FILES_AT_FIRST; file++) this.addFile(table)
    this.tables.push(table)
    return table
  }

  read(definition: EveningDefinition, ...key: readonly (string | number)[]): void {
    this.#step(READ, definition, key)
  }

  write(definition: EveningDefinition, ...key: readonly (string | number)[]): void {
    this.#step(WRITE, definition, key)
  }

  invalidate(definition: EveningDefinition, ...key: readonly (string | number)[]): void {
    this.#step(DELETE, definition, key)
  }

  readLobby(): void {
    this.read('popular:rooms')
    for (const { room } of this.tables.slice(0, LISTED)) this.read('query', 'room', room)
  }

  addFile(table: Table): void {
    const name = `file-${this.#files++}`
    table.files.unshift(name)
    if (table.files.length > FILES_AT_MOST) table.files.pop()
    this.recentFiles.unshift(name)
    if (this.recentFiles.length > LISTED) this.recentFiles.pop()
  }

  pageOf(messages: number): number {
    return Math.floor(messages / PAGE)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  between(least: number, most: number): number {
    return least + this.#random() * (most - least)
  }

  /** How long somebody thinks: mostly briefly, sometimes long; between a fifth of the mean and four times it. */
  thinking(meanMs: number): number {
    return Math.min(4 * meanMs, Math.max(meanMs / 5, -Math.log(1 - this.#random()) * meanMs))
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)]!
  }

  /** The first most likely, the n-th 1/n times as likely. */
  popular<Item>(items: readonly Item[]): Item {
    return this.weighted(items, (_, index) => 1 / (index + 1))
  }

  weighted<Item>(items: readonly Item[], weightOf: (item: Item, index: number) => number): Item {
    let rest = this.#random() * items.reduce((sum, item, index) => sum + weightOf(item, index), 0)
    const found = items.find((item, index) => {
      rest -= weightOf(item, index)
      return rest < 0
    })
    return found ?? items[items.length - 1]!
  }

  finish(name: string): Trace {
    return this.#trace.finish(name, this.#numbers.size)
  }

  #step(kind: number, definition: EveningDefinition, key: readonly (string | number)[]): void {
    const name = `${definition}:${key.join(':')}`
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(name, number)
    }
    const { ttlMs, bytes } = DEFINITIONS[definition]
    this.#trace.add(number, { kind, bytes, ttlMs, timeMs: Math.floor(this.now) })
  }
}
