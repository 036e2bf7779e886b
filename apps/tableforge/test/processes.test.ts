import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPostgres, type PostgresService, startPostgres } from '../../../scripts/services/postgres.mjs'
import { type RedisService, startRedis } from '../../../scripts/services/redis.mjs'
import type { Token } from '../src/protocol.js'
import { eventually, Person, person, refusalOf } from './support/table.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

interface RunningApp {
  readonly url: string
  readonly process: ChildProcess
}

/** The app as `npm start` runs it, on a free port. */
async function startApp(env: Record<string, string>): Promise<RunningApp> {
  const child = spawn(process.execPath, [MAIN], {
    // A healthy Redis on a starved machine is not taken for a silent one, whose news come later.
    env: { ...process.env, PORT: '0', BOTS: '0', CACHE_REMOTE_TIMEOUT: '30s', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const url = await eventually(
    'the app says where it is',
    () => {
      if (child.exitCode !== null) throw new Error(`the app ended: ${output}`)
      return /Game\s+(\S+?)\/\s/.exec(output)?.[1]
    },
    60_000,
  )
  return { url, process: child }
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGINT')
  return ended
}

describe.skipIf(findPostgres() === undefined)('two processes on one Redis and one database', () => {
  let postgres: PostgresService
  let redis: RedisService
  let one: RunningApp
  let two: RunningApp
  let gm: Person
  let ann: Person
  let roomId: string

  beforeAll(async () => {
    ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    const env = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      SESSION_SECRET: 'one secret for both of the processes',
    }
    // Both find an empty database and want to make its tables at the same moment.
    ;[one, two] = await Promise.all([startApp(env), startApp(env)])
    gm = await person(one.url, 'Gwen')
    ann = await person(two.url, 'Ann')
    roomId = (await gm.call('rooms.create', { name: 'Shared', systemId: 'embers' })).id
    await ann.call('room.join', { roomId })
  })
  afterAll(async () => {
    for (const somebody of [gm, ann]) somebody?.leave()
    await Promise.all([one, two].map((app) => app && end(app.process)))
    await Promise.all([postgres?.stop(), redis?.stop()])
  })

  /** The same person with the same cookie, at the other process. */
  const at = (somebody: Person, url: string): Person => {
    const there = new Person(url)
    there.cookie = somebody.cookie
    there.user = somebody.user
    return there
  }

  it('made one demo room between them', async () => {
    const { rooms } = await ann.call('search', { q: 'sunken keep' })
    expect(rooms).toHaveLength(1)
  })

  it('shows on the one what was moved on the other, live and when asked', async () => {
    const token = await gm.call('tokens.add', { roomId, name: 'Piece', x: 1, y: 1 })
    await ann.enter(roomId)
    expect((await ann.call('room.state', { roomId })).tokens).toContainEqual(token)
    await gm.enter(roomId)
    const answer = await gm.send('token:move', { roomId, tokenId: token.id, x: 9, y: 7 })
    expect(answer).toMatchObject({ ok: true, value: { x: 9, y: 7 } })
    const patch = await eventually('the move is seen on the other process', () =>
      ann.eventsNamed('room:patch').find(({ changes }) => changes[0]?.type === 'token.put' && changes[0].token.x === 9),
    )
    const state = await ann.call('room.state', { roomId })
    expect(state.version).toBe(patch.version)
    expect(state.tokens.find(({ id }) => id === token.id)).toMatchObject({ x: 9, y: 7 })
  })

  it('ends with the same state everywhere, however both move at once', async () => {
    const tokens = await Promise.all(
      [0, 1, 2, 3].map((n) => gm.call('tokens.add', { roomId, name: `T${n}`, x: n, y: 0 })),
    )
    const gmThere = at(gm, two.url)
    const moves = Array.from({ length: 60 }, (_, n) => {
      const input = { roomId, tokenId: tokens[n % 4]!.id, x: n % 20, y: (n * 7) % 15 }
      return (n % 2 === 0 ? gm : gmThere).call('tokens.move', input)
    })
    const readers = Array.from({ length: 20 }, (_, n) => [ann, at(ann, one.url)][n % 2]!.call('room.state', { roomId }))
    const moved = await Promise.all(moves)
    await Promise.all(readers)
    const newest = (id: string): Token | undefined =>
      moved.filter((one) => one.id === id).sort((a, b) => b.version - a.version)[0]
    for (const reader of [ann, at(ann, one.url)]) {
      await eventually('the state has every move', async () => {
        const state = await reader.call('room.state', { roomId })
        return tokens.every(
          ({ id }) => JSON.stringify(state.tokens.find((token) => token.id === id)) === JSON.stringify(newest(id)),
        )
      })
    }
  })

  it('says to all what is said on one', async () => {
    await gm.call('chat.say', { roomId, text: 'hear, hear' })
    await eventually('heard on the other process', () =>
      ann.eventsNamed('chat:message').some(({ text }) => text === 'hear, hear'),
    )
    expect((await ann.call('chat.page', { roomId })).messages.at(-1)?.text).toBe('hear, hear')
  })

  it('honours a change of role on the other process at the very next request', async () => {
    const { tokens } = await ann.call('room.state', { roomId })
    const tokenId = tokens[0]!.id
    for (let round = 0; round < 5; round++) {
      await gm.call('players.setRole', { roomId, userId: ann.user.id, role: 'player' })
      expect(await refusalOf(ann.call('tokens.move', { roomId, tokenId, x: round, y: 1 }))).toBe('nothing was refused')
      await gm.call('players.setRole', { roomId, userId: ann.user.id, role: 'spectator' })
      expect(await refusalOf(ann.call('tokens.move', { roomId, tokenId, x: round, y: 2 }))).toBe('forbidden')
    }
  })

  it('honours signing out on the other process at the very next request, and closes its sockets', async () => {
    for (let round = 0; round < 5; round++) {
      const there = await person(two.url, 'Ben')
      const here = at(there, one.url)
      expect((await here.call('session.get', {})).session?.user.name).toBe('Ben')
      const socket = await there.connect()
      await here.call('session.signOut', {})
      expect((await there.call('session.get', {})).session).toBeNull()
      await eventually('the socket on the other process is closed', () => socket.disconnected)
    }
  })

  it('ends in order when it is interrupted, and waits for nothing that takes long', async () => {
    gm.leave()
    const began = performance.now()
    expect(await end(one.process)).toBe(0)
    // 0.3 s on an idle machine. Any of the time-outs that it could wait for is longer than this.
    expect(performance.now() - began).toBeLessThan(8_000)
    expect((await ann.call('room.state', { roomId })).name).toBe('Shared')
  })
})

describe('a process that cannot start', () => {
  it('says which variable is wrong and what it should be, without repeating it', async () => {
    await expect(startApp({ PORT: 'many', DATABASE_URL: 'mysql://user:hunter2@host/db' })).rejects.toThrow(
      /PORT: expected a port[\s\S]*DATABASE_URL: expected a URL such as postgres/,
    )
    await expect(startApp({ DATABASE_URL: 'mysql://user:hunter2@host/db' })).rejects.not.toThrow(/hunter2/)
  })

  it('says which variable is wrong when it cannot listen at an address', async () => {
    await expect(startApp({ HOST: '203.0.113.1' })).rejects.toThrow(
      'HOST: expected an address of this machine, got "203.0.113.1"',
    )
  })

  it('says that its port is taken', async () => {
    const { createServer } = await import('node:net')
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve))
    const { port } = squatter.address() as { port: number }
    await expect(startApp({ PORT: String(port) })).rejects.toThrow(`port ${port} is taken`)
    await new Promise((resolve) => squatter.close(resolve))
  })
})
