import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STATE_EXPIRED, STATE_OFFSET } from '../codec.js'
import { createCache } from '../create-cache.js'
import type { Entry } from '../entry.js'
import { CacheError } from '../errors.js'
import { inProcessRemote } from '../memory/in-process-remote.js'
import type { RemoteFactory } from '../ports.js'
import { defaultCodec } from './default-codec.js'
import { encrypted } from './encryption.js'
import { Xaes256Gcm } from './xaes-256-gcm.js'

const old = { id: '2026-10', secret: randomBytes(32) }
const current = { id: '2026-11', secret: randomBytes(32).toString('base64') }
const codec = encrypted(defaultCodec(), { keys: [current, old], context: 'shop' })

const entry = (value: unknown): Entry => ({
  value,
  createdAt: 1,
  ttl: 1_000,
  grace: 0,
  tags: ['tag'],
  epoch: 'e',
  asOf: 3,
  expired: false,
})

function refusal(act: () => unknown): CacheError {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(CacheError)
    return error as CacheError
  }
  return expect.fail('expected a refusal')
}

describe('XAES-256-GCM', () => {
  const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX')
  const plain = Buffer.from('XAES-256-GCM')

  // Of the specification, c2sp.org/XAES-256-GCM; between them they take both ways of deriving the mask.
  it.each([
    [0x01, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [0x03, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
  ])('agrees with the published vectors (key of %s)', (byte, context, sealed) => {
    const cipher = new Xaes256Gcm(Buffer.alloc(32, byte))
    expect(cipher.seal(plain, nonce, Buffer.from(context)).toString('hex')).toBe(sealed)
    expect(cipher.open(Buffer.from(sealed, 'hex'), nonce, Buffer.from(context))).toEqual(plain)
  })

  it('never uses a nonce twice', () => {
    const cipher = new Xaes256Gcm(randomBytes(32))
    const nonces = new Set(Array.from({ length: 10_000 }, () => cipher.nonce().toString('hex')))
    expect(nonces.size).toBe(10_000)
  })
})

describe('an encrypting codec', () => {
  it('gives back every entry as it was', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), fc.boolean(), (value, key, expired) => {
        const original = { ...entry([structuredClone(value)]), expired }
        const plain = defaultCodec()
        const direct = plain.decode(plain.encode(original))
        expect(codec.decode(codec.encode(original, key), key)).toEqual(direct)
        expect(codec.decodeHead?.(codec.encode(original, key), key)).toMatchObject({ tags: ['tag'], expired })
      }),
      { numRuns: 100 },
    )
  })

  it('leaves nothing of the value in what it writes, nor writes the same twice', () => {
    const secret = 'a very secret text '.repeat(200)
    const [first, second] = [codec.encode(entry(secret), 'k'), codec.encode(entry(secret), 'k')]
    expect(Buffer.from(first).includes('secret')).toBe(false)
    expect(first).not.toEqual(second)
  })

  it('refuses a value that was moved to another key, or to another context', () => {
    const bytes = codec.encode(entry('admin'), 'role:alice')
    expect(refusal(() => codec.decode(bytes, 'role:mallory'))).toMatchObject({
      code: 'damaged-value',
      message: 'damaged value: it was changed, moved here from another key, or written with another secret',
    })
    const elsewhere = encrypted(defaultCodec(), { keys: [current], context: 'other' })
    expect(refusal(() => elsewhere.decode(bytes, 'role:alice')).code).toBe('damaged-value')
  })

  it('refuses every change of a bit except that of the state, which the remote tier may set', () => {
    const bytes = codec.encode(entry({ role: 'player' }), 'k')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      if (bit === STATE_OFFSET * 8) expect(codec.decode(changed, 'k')).toMatchObject({ expired: true })
      else expect(refusal(() => codec.decode(changed, 'k')).code).toBe('damaged-value')
    }
  })

  it('refuses arbitrary bytes, and plain values, as damaged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, prefixed) => {
        const given = prefixed ? Uint8Array.from([0xf8, 1, 0, 7, ...Buffer.from('2026-11'), ...bytes]) : bytes
        expect(refusal(() => codec.decode(given, 'k')).code).toBe('damaged-value')
      }),
      { numRuns: 500 },
    )
    expect(refusal(() => codec.decode(defaultCodec().encode(entry(1)), 'k')).message).toBe(
      'damaged value: it is not encrypted',
    )
  })

  it('reads what was softly expired in the remote tier as such', () => {
    const bytes = codec.encode(entry(1), 'k')
    bytes[STATE_OFFSET] = STATE_EXPIRED
    expect(codec.decode(bytes, 'k')).toMatchObject({ value: 1, expired: true })
  })

  it('rotates: reads what older keys wrote, writes with the first, and refuses what takes a key that is gone', () => {
    const before = encrypted(defaultCodec(), { keys: [old], context: 'shop' })
    const after = encrypted(defaultCodec(), { keys: [current], context: 'shop' })
    const written = before.encode(entry('v'), 'k')
    expect(codec.decode(written, 'k')).toMatchObject({ value: 'v' })
    expect(after.decode(codec.encode(entry('v'), 'k'), 'k')).toMatchObject({ value: 'v' })
    expect(refusal(() => after.decode(written, 'k')).message).toBe(
      'damaged value: it takes a key that is not among 2026-11',
    )
  })

  it.each([
    [{}, /^encryption\.keys: expected at least one/],
    [{ keys: [] }, /^encryption\.keys: /],
    [{ keys: [{ id: 'a b', secret: old.secret }] }, /^encryption\.keys\[0\]\.id: /],
    [
      { keys: [{ id: 'a', secret: 'c2hvcnQ=' }] },
      /^encryption\.keys\[0\]\.secret: expected 32 random bytes.*, got 5 bytes$/,
    ],
    [{ keys: [{ id: 'a', secret: new Uint8Array(32) }] }, /^encryption\.keys\[0\]\.secret: .*repeat/],
    [{ keys: [old, old] }, /^encryption\.keys\[1\]\.id: expected an id of its own/],
    [{ keys: [old], algorithm: 'aes' }, /^encryption\.algorithm: expected one of keys, got an unknown option$/],
  ])('refuses %# by name, without showing a secret', (options, message) => {
    const error = refusal(() => encrypted(defaultCodec(), options as never))
    expect(error).toMatchObject({ code: 'invalid-option', message: expect.stringMatching(message) })
    expect(error.message).not.toContain('c2hvcnQ=')
  })
})

describe('a cache with encryption', () => {
  const open = (remote: RemoteFactory, keys = [current, old]) =>
    createCache({ namespace: 'shop', remote, encryption: { keys } })

  it('shares values between nodes with the same keys, and takes those of others for misses', async () => {
    const remote = inProcessRemote()
    await using a = open(remote)
    await using b = open(remote)
    await using stranger = open(remote, [{ id: 'other', secret: randomBytes(32) }])
    const damaged: string[] = []
    stranger.on('damaged', ({ reason }) => damaged.push(reason))
    await Promise.all([a.ready(), b.ready(), stranger.ready()])
    await a.set('k', { role: 'gm' })
    expect(await b.get('k')).toEqual({ role: 'gm' })
    expect((await b.inspect('k')).remote).toMatchObject({ tags: [] })
    await b.invalidate({ pattern: 'k*' })
    await a.set('k', 1)
    expect(await stranger.getOrLoad('k', () => 'from the origin')).toBe('from the origin')
    expect(damaged).toEqual(['damaged value: it takes a key that is not among other'])
  })

  it('keeps neither values nor names of properties in the remote tier in the clear', async () => {
    const remote = inProcessRemote()
    const seen: Uint8Array[] = []
    const watched: RemoteFactory = {
      kind: remote.kind,
      open(context) {
        const tier = remote.open(context)
        return new Proxy(tier, {
          get(target, name) {
            const member = Reflect.get(target, name)
            if (name === 'structures' && member !== undefined) {
              return {
                readStructures: member.readStructures.bind(member),
                writeStructures: (stored: readonly { bytes: Uint8Array }[]) => {
                  seen.push(...stored.map(({ bytes }) => bytes))
                  return member.writeStructures(stored)
                },
              }
            }
            if (name === 'commit') {
              return (commit: Parameters<typeof tier.commit>[0]) => {
                seen.push(...commit.values.map(({ bytes }) => bytes))
                return target.commit(commit)
              }
            }
            return typeof member === 'function' ? member.bind(target) : member
          },
        })
      },
    }
    await using cache = open(watched)
    await cache.ready()
    for (let at = 0; at < 20; at++) await cache.set(`k${at}`, { canaryProperty: 'canary value' })
    expect(seen.length).toBe(20)
    for (const bytes of seen) expect(Buffer.from(bytes).includes('canary')).toBe(false)
  })
})
