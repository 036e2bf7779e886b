import { seededRandom } from '../../seeded-random.js'
import type { Trace } from '../trace.js'
import { EVENING_HABITS, type EveningHabit } from './evening-habits.js'
import { Evening, type Table } from './evening-table.js'

export interface EveningOptions {
  /** People who come and go all evening. */
  readonly players: number
  readonly minutes: number
  readonly seed: number
}

/** As for the simulated players of the app. */
const THINKING_MS = 3_000
const ARRIVAL_MS = 6_000
const HOSTS = 6
const MINUTE_MS = 60_000

interface Person {
  readonly index: number
  /** When they do the next thing. */
  nextMs: number
  table: Table | undefined
  /** When they stand up. */
  untilMs: number
}

/**
 * An evening of TableForge: people arrive, look through the lobby, sit down at tables that others favour, play for some
 * minutes, leave and come back. Modelled on the simulated players of the app, with their habits, weights and pauses,
 * and on what its server reads, patches and invalidates for each; not a recording. Has sizes (estimates), times and
 * lifetimes.
 */
export function eveningTrace({ players, minutes, seed }: EveningOptions): Trace {
  const evening = new Evening(seededRandom(seed))
  for (let room = 0; room < Math.max(1, Math.floor(players / HOSTS)); room++) evening.open(room)
  const people: Person[] = Array.from({ length: players }, (_, index) => ({
    index,
    nextMs: (index * ARRIVAL_MS) / players,
    table: undefined,
    untilMs: 0,
  }))
  const endMs = minutes * MINUTE_MS
  for (let person = soonest(people); person.nextMs < endMs; person = soonest(people)) {
    evening.now = person.nextMs
    person.nextMs += live(evening, person)
  }
  return evening.finish('evening')
}

/** A person's next action; how long until the one after it. */
function live(evening: Evening, person: Person): number {
  const { table, index } = person
  if (table === undefined) return sitDown(evening, person)
  if (evening.now >= person.untilMs) return standUp(evening, person, table)
  const isHost = isGm(index, table)
  const possible = EVENING_HABITS.filter(({ who }) => who === undefined || isHost || who === 'player')
  evening.weighted<EveningHabit>(possible, ({ weight }) => weight).act(evening, table, index)
  return evening.thinking(THINKING_MS)
}

function sitDown(evening: Evening, person: Person): number {
  const { index } = person
  evening.read('user:rooms', index)
  evening.readLobby()
  evening.read('notification', index)
  const own = index % HOSTS === 1 ? evening.tables[Math.floor(index / HOSTS)] : undefined
  const table = own ?? evening.popular(evening.tables)
  const { room } = table
  evening.read('query', 'room', room)
  if (!table.members.includes(index)) {
    table.members.push(index)
    changeMembership(evening, table, index)
  }
  evening.read('room:state', room)
  evening.read('room:players', room)
  evening.read('room:chat', room, 'newest')
  evening.read('room:assets', room)
  for (const file of table.files) evening.read('asset:meta', file)
  person.table = table
  person.untilMs = evening.now + evening.between(MINUTE_MS, 4 * MINUTE_MS)
  return evening.thinking(THINKING_MS)
}

function standUp(evening: Evening, person: Person, table: Table): number {
  person.table = undefined
  const { index } = person
  if (evening.chance(0.1) && !isGm(index, table)) {
    table.members.splice(table.members.indexOf(index), 1)
    changeMembership(evening, table, index)
  }
  return evening.between(3_000, 15_000)
}

function isGm(index: number, { room }: Table): boolean {
  return index % HOSTS === 1 && Math.floor(index / HOSTS) === room
}

function changeMembership(evening: Evening, { room }: Table, player: number): void {
  evening.invalidate('room:players', room)
  evening.invalidate('user:rooms', player)
  evening.invalidate('user:profile', player)
}

/** Whose turn it is. A few hundred people are looked through faster than a heap is kept. */
function soonest(people: readonly Person[]): Person {
  let first = people[0]!
  for (const person of people) if (person.nextMs < first.nextMs) first = person
  return first
}
