import { describe, expect, it } from 'vitest'
import { type RedisOptions, resolveRedisOptions } from './redis-options.js'

const wrong: readonly [what: string, options: unknown, message: RegExp][] = [
  ['no way to connect', {}, /exactly one of url, client, sentinels, cluster, got none of them/],
  ['two ways', { url: 'redis://h', cluster: ['redis://h'] }, /exactly one of .* got url and cluster$/],
  ['another protocol', { url: 'http://h' }, /redis\.url: expected redis:\/\/.* got one that begins with http:$/],
  ['no URL', { url: 'localhost' }, /redis\.url/],
  ['a database that is no number', { url: 'redis://h/one' }, /redis\.url: expected a database number/],
  ['sentinels without a name', { sentinels: [{ host: 'h' }] }, /redis\.name/],
  ['no sentinels', { sentinels: [], name: 'm' }, /redis\.sentinels/],
  ['a port out of range', { cluster: [{ host: 'h', port: 70_000 }] }, /redis\.cluster\[0\]\.port/],
  ['a database on Cluster', { cluster: ['redis://h'], db: 1 }, /redis\.db/],
  ['a negative number of replicas', { url: 'redis://h', waitReplicas: -1 }, /redis\.waitReplicas/],
  ['a log of no length', { url: 'redis://h', logLength: 0 }, /redis\.logLength/],
  [
    'an unknown option',
    { url: 'redis://h', retries: 3 },
    /^redis\.retries: expected one of url, .*, got an unknown option$/,
  ],
  ['something that is no client', { client: {} }, /redis\.client/],
  [
    'a client with a prefix of its own',
    { client: { callBuffer() {}, duplicate() {}, options: { keyPrefix: 'app:' } } },
    /^redis\.client: expected a client without a keyPrefix, since the namespace is the prefix, got one with a keyPrefix$/,
  ],
  [
    'a client that keeps commands back to send them together',
    { client: { callBuffer() {}, duplicate() {}, options: { enableAutoPipelining: true } } },
    /^redis\.client: expected a client without enableAutoPipelining, since .*, got one with enableAutoPipelining$/,
  ],
  [
    'a node-redis Cluster',
    { client: { withTypeMapping() {}, duplicate() {}, masters: [] } },
    /redis\.client: .*ioredis/,
  ],
]

describe('options of redis()', () => {
  it.each(wrong)('refuses %s by name', (_, options, message) => {
    expect(() => resolveRedisOptions(options as RedisOptions)).toThrow(message)
  })

  it('shows no password in its errors', () => {
    for (const url of ['http://user:hunter2@h', '//user:hunter2@h', 'redis://user:hunter2@h/x']) {
      expect(() => resolveRedisOptions({ url })).toThrow(/^redis\.url(?!.*hunter2)/)
    }
  })

  it('reads everything from a URL, and lets options override it', () => {
    const resolved = resolveRedisOptions({ url: 'rediss://a%40b:p%2Fw%zz@[::1]:7000/4', username: 'other' })
    expect(resolved).toMatchObject({
      to: 'server',
      address: { host: '::1', port: 7_000 },
      access: { username: 'other', password: 'p/w%zz', tls: {} },
      db: 4,
      secrets: ['p/w%zz'],
      waitReplicas: 0,
      logLength: 10_000,
      maxTags: 100_000,
    })
    expect(resolveRedisOptions({ url: 'redis://h' })).toMatchObject({ address: { host: 'h', port: 6_379 }, db: 0 })
  })

  it('takes addresses of a Cluster as URLs or as host and port', () => {
    const resolved = resolveRedisOptions({ cluster: ['rediss://u:secret@h', { host: 'i', port: 7_001 }] })
    expect(resolved).toMatchObject({
      nodes: [
        { host: 'h', port: 6_379 },
        { host: 'i', port: 7_001 },
      ],
      access: { username: 'u', password: 'secret', tls: {} },
    })
  })
})
