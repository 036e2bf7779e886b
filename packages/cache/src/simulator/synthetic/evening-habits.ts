import type { Evening, Table } from './evening-table.js'

/** What a person at a table does, how often compared with the rest, and what that asks of the cache. */
export interface EveningHabit {
  /** As in the habits of TableForge's simulated players. */
  readonly name: string
  readonly weight: number
  readonly who?: 'gm' | 'player'
  readonly act: (evening: Evening, table: Table, player: number) => void
}

/**
 * The habits of TableForge's simulated players (apps/tableforge/src/bots/habits.ts; a test of the app compares names
 * and weights), each as the entries that the server reads for it and the entries that its rules invalidate or patch.
 */
export const EVENING_HABITS: readonly EveningHabit[] = [
  { name: 'look at the board again', weight: 12, act: (evening, { room }) => evening.read('room:state', room) },
  { name: 'read the chat', weight: 16, act: (evening, { room }) => evening.read('room:chat', room, 'newest') },
  { name: 'scroll back', weight: 4, act: scrollBack },
  { name: 'see who is here', weight: 8, act: (evening, { room }) => evening.read('room:players', room) },
  { name: "open somebody's profile", weight: 9, act: openProfile },
  { name: 'look into the rules', weight: 8, act: readRules },
  { name: 'browse the files of the room', weight: 7, act: browseFiles },
  { name: 'look at the standings', weight: 5, act: lookAtStandings },
  { name: 'glance at the lobby', weight: 5, act: (evening) => evening.readLobby() },
  { name: 'check notifications', weight: 5, act: (evening, _table, player) => evening.read('notification', player) },
  { name: 'search', weight: 3, act: search },
  {
    name: 'look at the figures of the room',
    weight: 2,
    act: (evening, { room }) => evening.read('query', 'figures', room),
  },
  { name: 'look at the new files', weight: 2, act: lookAtNewFiles },
  // Hands are never cached.
  { name: 'look at one’s hand', weight: 4, act: () => undefined },
  { name: 'move a piece', weight: 7, who: 'player', act: movePiece },
  { name: 'roll', weight: 5, who: 'player', act: (evening, table, player) => post(evening, table, player, 'roll') },
  { name: 'say something', weight: 4, act: (evening, table, player) => post(evening, table, player, 'chat') },
  { name: 'whisper', weight: 1, act: whisper },
  { name: 'play cards', weight: 3, who: 'player', act: changeBoard },
  { name: 'flip a piece', weight: 0.5, who: 'player', act: changeBoard },
  { name: 'upload a handout', weight: 0.3, who: 'player', act: upload },
  { name: 'award points', weight: 1, who: 'gm', act: award },
  { name: 'prepare a piece', weight: 0.5, who: 'gm', act: preparePiece },
  { name: 'shuffle', weight: 0.3, who: 'gm', act: changeBoard },
]

const SEARCHES = 8
const SYSTEM_FILES = 6
/** Files that a room shows at once. */
const SHOWN = 6

function scrollBack(evening: Evening, { room, messages }: Table): void {
  evening.read('room:chat', room, 'newest')
  const page = evening.pageOf(messages)
  if (page > 0) evening.read('room:chat', room, Math.max(0, page - 1))
}

function openProfile(evening: Evening, { members }: Table): void {
  evening.read('user:profile', evening.popular(members))
}

function readRules(evening: Evening, { system }: Table): void {
  evening.read('system:template', system)
  if (!evening.chance(0.4)) return
  evening.read('system:assets', system)
  for (let file = 0; file < SYSTEM_FILES; file++) evening.read('asset:meta', 'system', system, file)
}

function browseFiles(evening: Evening, { room, files }: Table): void {
  evening.read('room:assets', room)
  for (const file of files) evening.read('asset:meta', file)
  if (files.length > 0 && evening.chance(0.4)) evening.read('batch:assets', ...files.slice(0, SHOWN))
}

function lookAtStandings(evening: Evening): void {
  const type = evening.chance(0.7) ? 'score' : 'rolls'
  evening.read('leaderboard', type, evening.popular(['week', 'day', 'all']))
}

function search(evening: Evening): void {
  evening.read('search', evening.popular(Array.from({ length: SEARCHES }, (_, word) => word)))
}

function lookAtNewFiles(evening: Evening): void {
  evening.read('recent:assets')
  for (const file of evening.recentFiles) evening.read('asset:meta', file)
}

/** Each position is a message of its own and brings the cached state to its next version. */
function movePiece(evening: Evening, table: Table, player: number): void {
  for (let step = Math.ceil(evening.between(3, 8)); step > 0; step--) {
    evening.read('rate', player, 'move')
    changeBoard(evening, table)
  }
}

function changeBoard(evening: Evening, { room }: Table): void {
  evening.write('room:state', room)
  evening.invalidate('query', 'figures', room)
}

function post(evening: Evening, table: Table, player: number, endpoint: 'chat' | 'roll'): void {
  evening.read('rate', player, endpoint)
  evening.invalidate('room:chat', table.room, 'newest')
  evening.invalidate('room:chat', table.room, evening.pageOf(table.messages))
  table.messages++
}

function whisper(evening: Evening, { room, members }: Table, player: number): void {
  const other = evening.pick(members)
  evening.read('rate', player, 'chat')
  evening.read('user:profile', other)
  evening.read('query', 'room', room)
  evening.invalidate('notification', other)
}

function upload(evening: Evening, table: Table, player: number): void {
  evening.read('rate', player, 'upload')
  evening.addFile(table)
  evening.invalidate('room:assets', table.room)
  if (evening.chance(0.3)) evening.invalidate('recent:assets')
}

function award(evening: Evening, { room, members }: Table): void {
  evening.invalidate('room:players', room)
  evening.invalidate('user:profile', evening.pick(members))
  for (const type of ['score', 'rolls'])
    for (const period of ['week', 'day', 'all']) evening.invalidate('leaderboard', type, period)
}

function preparePiece(evening: Evening, table: Table): void {
  evening.read('room:state', table.room)
  changeBoard(evening, table)
}
