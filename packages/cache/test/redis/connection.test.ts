import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { freePort } from '../../../../scripts/services/free-port.mjs'
import { CacheError } from '../../src/errors.js'
import type { Logger, RemoteTier } from '../../src/ports.js'
import { hasNamespace, type RedisOptions, redis } from '../../src/redis/index.js'
import { fullRule } from '../../src/redis/requirements.js'
import { encoded, get, listen, log, until, write } from '../../src/testing/remote-contract/case.js'
import { openTier, quiet } from './harness.js'
import { type RedisService, startRedis, startSentinel } from './servers.js'

const open: { close(): Promise<unknown> | unknown }[] = []

afterEach(async () => {
  // Latest first: what connects before what it connects to.
  for (const one of open.splice(0).reverse()) await one.close()
})

async function server(args: readonly string[] = []): Promise<RedisService> {
  const service = await startRedis({ args })
  open.push({ close: service.stop })
  return service
}

function tierOf(options: RedisOptions, logger: Logger = quiet): RemoteTier {
  const tier = openTier(redis(options), 'ns', 'node', logger)
  open.push(tier)
  return tier
}

async function admin(url: string, password?: string): Promise<Redis> {
  const client = new Redis(url, { ...(password === undefined ? {} : { password }) })
  client.on('error', () => {})
  open.push({ close: () => client.disconnect() })
  return client
}

function contents(values: readonly (Uint8Array | undefined)[]): (number[] | undefined)[] {
  return values.map((bytes) => bytes && [...bytes])
}

async function failure(promise: Promise<unknown>): Promise<CacheError> {
  const error = await promise.then(
    () => expect.fail('expected a rejection'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CacheError)
  return error as CacheError
}

describe('connecting to Redis', () => {
  it.each([
    { given: 'a client of ioredis', connect: (url: string) => new Redis(url), called: [] },
    { given: 'an object before one', connect: (url: string) => Object.create(new Redis(url)) as Redis, called: [] },
    {
      given: 'a client of iovalkey',
      connect: (url: string) => new Valkey(url) as unknown as Redis,
      called: ['get', 'mget'],
    },
  ])('reads with $given, to which it hands keys without copying them where it may', async ({ connect, called }) => {
    const { url } = await server()
    const client = connect(url)
    open.push({ close: () => client.disconnect() })
    const tier = tierOf({ client })
    await tier.connect()
    await write(tier, 'a', encoded(1))
    const calls = vi.spyOn(client, 'callBuffer')
    expect([await tier.get(['a']), await tier.get(['a', 'b'])].map(contents)).toEqual([
      [[...encoded(1)]],
      [[...encoded(1)], undefined],
    ])
    expect(calls.mock.calls.map(([name]) => name)).toEqual(called)
  })

  it('names the address when nobody listens there, and connects by itself once somebody does', async () => {
    const port = await freePort()
    const tier = tierOf({ url: `redis://127.0.0.1:${port}` })
    const error = await failure(tier.connect())
    expect(error.code).toBe('remote-unavailable')
    expect(error.message).toContain(`127.0.0.1:${port}`)
    expect(error.message).toContain('ECONNREFUSED')
    expect(tier.state()).toBe('down')
    const subscribed = listen(tier)
    const service = await startRedis({ port })
    open.push({ close: service.stop })
    await until('the tier is up', () => tier.state() === 'up')
    const { messages } = await subscribed
    await log(tier, { type: 'clear' })
    await until('its own message is heard', () => messages.length === 1)
  })

  it('is down when the connection drops while the log is being subscribed to, and tells when it is up again', async () => {
    const { url } = await server()
    const client = new Redis(url, { retryStrategy: () => 300 })
    client.on('error', () => {})
    open.push({ close: () => client.disconnect() })
    await client.ping()
    const duplicate = client.duplicate.bind(client)
    client.duplicate = (options) => {
      const subscriber = duplicate(options)
      const subscribe = subscriber.subscribe.bind(subscriber) as (...channels: string[]) => Promise<unknown>
      Object.assign(subscriber, {
        subscribe: async (...channels: string[]) => {
          const dropped = once(client, 'close')
          client.stream.destroy()
          await dropped
          return subscribe(...channels)
        },
      })
      return subscriber
    }
    const tier = tierOf({ client })
    const told: string[] = []
    tier.onState((state) => told.push(state))
    await tier.connect()
    expect([tier.state(), ...told]).toEqual(['down', 'down'])
    await until('the tier is up again', () => tier.state() === 'up')
    expect(told).toEqual(['down', 'up'])
  })

  it('says that credentials are wrong, and shows none', async () => {
    const { url } = await server(['--requirepass', 'right-secret'])
    for (const options of [
      { url, password: 'wrong-secret' },
      { url },
      { url: url.replace('//', '//user:wrong-secret@') },
    ]) {
      const logged: unknown[] = []
      const note = (details: object, message: string) => logged.push(details, message)
      const error = await failure(tierOf(options, { debug: note, info: note, warn: note, error: note }).connect())
      expect(error.code).toBe('remote-failed')
      expect(error.message).toMatch(/WRONGPASS|NOAUTH/)
      expect(inspect([error, logged], { depth: 20, showHidden: true })).not.toContain('secret')
    }
    const tier = tierOf({ url, password: 'right-secret' })
    await tier.connect()
    expect(tier.state()).toBe('up')
  })

  it('refuses a database that does not exist, instead of using another', async () => {
    const { url } = await server()
    const error = await failure(tierOf({ url: `${url}/99` }).connect())
    expect(error.message).toContain('DB index is out of range')
  })

  it('works for a user who may do no more than the documented rule allows', async () => {
    const { url } = await server()
    const client = await admin(url)
    await client.call('ACL', 'SETUSER', 'least', 'on', '>pass', 'resetchannels', '-@all', ...fullRule('ns').split(' '))
    const tier = tierOf({ url, username: 'least', password: 'pass', waitReplicas: 0 })
    await tier.connect()
    const { messages } = await listen(tier)
    await write(tier, 'key', encoded(1))
    await log(
      tier,
      { type: 'tag', tag: 't', mode: 'delete' },
      { type: 'pattern', syntax: 'glob', source: '*', flags: '', mode: 'delete' },
    )
    await tier.log.snapshot()
    await tier.log.tags(['t'])
    await tier.log.read(0, 10)
    await tier.log.retirePatterns([2])
    for (const expected of [undefined, 'absent', encoded(1)] as const)
      await tier.acquire('key', 'token', 1_000, expected)
    await tier.renew('key', 'token', 1_000)
    await tier.seize('key', 'token', 1_000)
    await tier.fill([{ key: 'key', bytes: encoded(1), expiresInMs: 1_000, token: 'token' }])
    await tier.release('key', 'token')
    for await (const _ of tier.scan(10)) break
    await until('messages are heard', () => messages.length === 2)
    const forbidden = await failure(
      openTier(redis({ url, username: 'least', password: 'pass' }), 'other', 'node').connect(),
    )
    expect(forbidden.message).toContain('~other:*')
  })

  it.each([
    ['-eval', /may not run EVAL.*\+eval\b/s],
    ['-scan', /may not run SCAN.*\+scan\b/s],
    ['-xadd', /may not run XADD.*\+xadd\b/s],
    ['-getrange', /may not run GETRANGE.*\+getrange\b/s],
    ['-subscribe', /may not run SUBSCRIBE.*\+subscribe\b/s],
    ['resetchannels', /&ns:\*/],
    ['resetkeys', /~ns:\*/],
  ])('names the rule that is missing for a user with %s', async (lacking, message) => {
    const { url } = await server()
    const client = await admin(url)
    await client.call('ACL', 'SETUSER', 'user', 'on', '>pass', '~*', '&*', '+@all', lacking)
    const error = await failure(tierOf({ url, username: 'user', password: 'pass' }).connect())
    expect(error.code).toBe('remote-failed')
    expect(error.message).toMatch(message)
  })

  it('hears again after its listening connection was cut, while commands never stopped', async () => {
    const { url } = await server()
    const tier = tierOf({ url })
    await tier.connect()
    const { messages, states } = await listen(tier)
    const client = await admin(url)
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await until('the loss is told', () => states.includes('down'))
    expect(tier.state()).toBe('up')
    await until('it listens again', () => states.at(-1) === 'up')
    await log(tier, { type: 'clear' })
    await until('messages are heard again', () => messages.length === 1)
  })

  it('wakes who waits for a lease when it listens again, because the end may have been missed', async () => {
    const { url } = await server()
    const [holder, waiter] = [tierOf({ url }), tierOf({ url })]
    await Promise.all([holder.connect(), waiter.connect()])
    const woken: string[] = []
    waiter.onLeaseEnd((key) => woken.push(key))
    await holder.acquire('key', 'token', 60_000)
    await waiter.acquire('key', 'mine', 60_000)
    const client = await admin(url)
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await until('the waiter is woken', () => woken.length > 0)
    expect(woken).toEqual(['key'])
  })

  it('notices a server that no longer answers, and works again when it does', async () => {
    const service = await server()
    const tier = tierOf({ url: service.url })
    await tier.connect()
    const { states } = await listen(tier)
    process.kill(service.pid, 'SIGSTOP')
    try {
      const error = await failure(tier.get(['key']))
      expect(error.code).toBe('remote-unavailable')
      await until('the loss of the listener is told', () => states.includes('down'))
    } finally {
      process.kill(service.pid, 'SIGCONT')
    }
    await until('the tier is up', () => tier.state() === 'up')
    await until('it listens again', () => states.at(-1) === 'up')
    expect(await get(tier, 'key')).toBeUndefined()
  })

  it('leaves a client that was handed in open, and its listeners as they were', async () => {
    const { url } = await server()
    const client = await admin(url)
    const listenersBefore = client.eventNames().map((event) => [event, client.listenerCount(event)])
    const tier = tierOf({ client })
    await tier.connect()
    await tier.close()
    expect(await client.ping()).toBe('PONG')
    expect(client.eventNames().map((event) => [event, client.listenerCount(event)])).toEqual(listenersBefore)
    await until(
      'only this client is connected',
      async () => !String(await client.call('CLIENT', 'LIST', 'TYPE', 'pubsub')).includes('id='),
    )
  })

  it('keeps databases of one server apart, also their messages', async () => {
    const { url } = await server()
    const [zero, three] = [tierOf({ url }), tierOf({ url: `${url}/3` })]
    await Promise.all([zero.connect(), three.connect()])
    const [inZero, inThree] = [await listen(zero), await listen(three)]
    await log(three, { type: 'clear' })
    await log(zero, { type: 'clear' }, { type: 'clear' })
    await until('both hear their own', () => inZero.messages.length > 0 && inThree.messages.length > 0)
    expect(inZero.messages.map(({ operations }) => operations.length)).toEqual([2])
    expect(inThree.messages.map(({ operations }) => operations.length)).toEqual([1])
  })

  it('sends a script in full to a server that has forgotten it', async () => {
    const { url } = await server()
    const tier = tierOf({ url })
    await tier.connect()
    await write(tier, 'key', encoded(1))
    const client = await admin(url)
    await client.script('FLUSH')
    await write(tier, 'key', encoded(2))
    expect(await get(tier, 'key')).toEqual([...encoded(2)])
  })

  it('keeps stale values from looking valid on a server that evicts any key', async () => {
    const { url } = await server(['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-random'])
    const tier = tierOf({ url })
    await tier.connect()
    for (let round = 0; round < 60; round++) {
      const before = await tier.log.position()
      await log(tier, { type: 'tag', tag: 't', mode: 'delete' })
      await Promise.all(Array.from({ length: 10 }, (_, at) => write(tier, `${round}:${at}`, new Uint8Array(20_000))))
      const { tags, floor, position } = await tier.log.tags(['t'])
      const valid = before.epoch === position.epoch && before.seq >= floor && before.seq >= (tags[0]?.deletedAt ?? 0)
      expect(valid, `round ${round}`).toBe(false)
    }
    const client = await admin(url)
    expect(await client.info('stats')).not.toContain('evicted_keys:0\r\n')
  })

  it('reports a commit as not logged when too few replicas have it', async () => {
    const { url } = await server()
    const tier = tierOf({ url, waitReplicas: 1 })
    await tier.connect()
    const result = await tier.commit({ origin: 'node', values: [], operations: [{ type: 'clear' }] })
    expect(result).toMatchObject({ logged: false, error: { message: expect.stringContaining('0 of 1 replicas') } })
  })

  it('speaks TLS, and refuses a certificate that it does not know', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tableforge-tls-'))
    open.push({ close: () => rmSync(folder, { recursive: true }) })
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const request = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ]
    execFileSync('openssl', request, { stdio: 'ignore' })
    const port = await freePort()
    await server([
      '--tls-port',
      String(port),
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-ca-cert-file',
      cert,
      '--tls-auth-clients',
      'no',
    ])
    const tier = tierOf({ url: `rediss://127.0.0.1:${port}`, tls: { ca: readFileSync(cert) } })
    await tier.connect()
    await write(tier, 'key', encoded(1))
    expect(await get(tier, 'key')).toEqual([...encoded(1)])
    const error = await failure(tierOf({ url: `rediss://127.0.0.1:${port}` }).connect())
    expect(error.message).toMatch(/self.signed/i)
  })
})

describe('failover through Sentinel', () => {
  it('goes on at the new master, with what was replicated', async () => {
    const service = await startSentinel()
    open.push({ close: service.stop })
    const tier = tierOf({ sentinels: service.sentinels, name: service.name, waitReplicas: 1 })
    await tier.connect()
    const { messages, states } = await listen(tier)
    // A starved replica may need more than the half second that a commit waits for it.
    await until('the replica has it', async () => (await write(tier, 'key', encoded(1))).logged)
    const before = await tier.log.position()
    await service.master.kill()
    await until('it listens to the new master', () => states.includes('down') && states.at(-1) === 'up')
    await until('it is up', () => tier.state() === 'up')
    expect(await get(tier, 'key')).toEqual([...encoded(1)])
    expect(await tier.log.position()).toEqual(before)
    // No replica is left to wait for, but the message is there.
    await until('a message of the new master is heard', async () => {
      await tier.commit({ origin: 'node', values: [], operations: [{ type: 'clear' }] }).catch(() => undefined)
      return messages.some(({ seq }) => seq > before.seq)
    })
    const { epoch, seq, id } = before
    expect(messages.find(({ prevSeq }) => prevSeq === seq)).toMatchObject({ epoch, seq: seq + 1, prevId: id })
  })
})

describe('looking for a namespace', () => {
  it('finds one whose log has begun, and leaves nothing behind where there is none', async () => {
    const { url } = await server()
    const client = await admin(url)
    expect(await hasNamespace({ url }, 'ns')).toBe(false)
    expect(await client.dbsize()).toBe(0)
    const tier = tierOf({ url })
    await tier.connect()
    await tier.log.position()
    expect(await hasNamespace({ url }, 'ns')).toBe(true)
    expect(await hasNamespace({ url }, 'n')).toBe(false)
  })

  it('rejects when nobody answers', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`
    expect(await failure(hasNamespace({ url }, 'ns'))).toMatchObject({ code: 'remote-unavailable' })
  })
})
