import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Sessions, sameText } from './sessions.js'

const secret = 'a secret that is long enough to sign with'

test('a session is read back from its cookie until it expires', () => {
  const sessions = new Sessions(secret, 'credentials', 1_000)
  const { session, cookie } = sessions.start('kit', 'operator', 0)
  expect(sessions.read(cookie, 999)).toEqual(session)
  expect(sessions.read(cookie, 1_000)).toBeUndefined()
})

test('a session that was signed out is not taken up again, and others are', () => {
  const sessions = new Sessions(secret, 'credentials')
  const [one, other] = [sessions.start('kit', 'operator', 0), sessions.start('kit', 'operator', 0)]
  sessions.end(one.session, 1)
  expect(sessions.read(one.cookie, 2)).toBeUndefined()
  expect(sessions.read(other.cookie, 2)).toEqual(other.session)
})

test('other processes with the same secret read it; other secrets and other credentials do not', () => {
  const { cookie } = new Sessions(secret, 'credentials').start('kit', 'operator', 0)
  expect(new Sessions(secret, 'credentials').read(cookie, 1)?.name).toBe('kit')
  expect(new Sessions(`${secret}!`, 'credentials').read(cookie, 1)).toBeUndefined()
  expect(new Sessions(secret, 'new credentials').read(cookie, 1)).toBeUndefined()
  expect(new Sessions(undefined, 'credentials').read(cookie, 1)).toBeUndefined()
})

test('a cookie in which anything was changed, and any other text, is nobody', () => {
  const sessions = new Sessions(secret, 'credentials')
  const { cookie, session } = sessions.start('kit', 'operator', 0)
  fc.assert(
    fc.property(fc.nat(cookie.length - 1), fc.constantFrom('A', 'z', '.', '=', '-'), (index, character) => {
      const forged = cookie.slice(0, index) + character + cookie.slice(index + 1)
      // The last character of base64url carries bits that say nothing, so compare what is read, not what is written.
      expect([undefined, session]).toContainEqual(sessions.read(forged, 1))
      if (forged !== cookie && index < cookie.indexOf('.')) expect(sessions.read(forged, 1)).toBeUndefined()
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(sessions.read(text, 1)).toBeUndefined()
    }),
  )
})

test('a token against forgery belongs to one session', () => {
  const sessions = new Sessions(secret, 'credentials')
  expect(sessions.csrf('a')).toBe(sessions.csrf('a'))
  expect(sessions.csrf('a')).not.toBe(sessions.csrf('b'))
})

test('secrets are equal when every character is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (left, right) => {
      expect(sameText(left, right)).toBe(left === right)
    }),
  )
  expect(sameText('long secret', 'long secret')).toBe(true)
})
