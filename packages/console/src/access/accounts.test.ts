import { expect, test } from 'vitest'
import { Accounts } from './accounts.js'
import { hashPassword, isPasswordHash, verifyPassword } from './password-hash.js'

test('a password is known by its hash, which is another each time and does not hold it', async () => {
  const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
  expect(one).not.toBe(other)
  expect(one).not.toContain('correct')
  expect(isPasswordHash(one)).toBe(true)
  expect(await verifyPassword('correct horse', one)).toBe(true)
  expect(await verifyPassword('correct horsf', one)).toBe(false)
})

test('what is no hash, or one that is too cheap or too dear, is not taken for one', () => {
  const parts = `${'a'.repeat(22)}:${'b'.repeat(43)}`
  expect(isPasswordHash(`scrypt:32768:8:3:${parts}`)).toBe(true)
  for (const text of ['', 'secret', `scrypt:16:8:1:${parts}`, `scrypt:99999999:99:9:${parts}`, `md5:1:1:1:${parts}`])
    expect(isPasswordHash(text), text).toBe(false)
})

test('each account is found by what belongs to it, with its name and role', async () => {
  const accounts = new Accounts([
    { token: 'the-token-of-the-watchers', role: 'viewer', name: 'wall display' },
    { token: 'the-token-of-operators' },
    { username: 'kit', password: 'correct horse battery' },
    { username: 'sam', passwordHash: await hashPassword('another long password'), role: 'viewer' },
  ])
  expect(accounts.fields).toEqual(['username', 'password', 'token'])
  expect(await accounts.find({ token: 'the-token-of-the-watchers' })).toEqual({ name: 'wall display', role: 'viewer' })
  expect(await accounts.find({ token: 'the-token-of-operators' })).toEqual({ name: 'operator', role: 'operator' })
  expect(await accounts.find({ username: 'kit', password: 'correct horse battery' })).toEqual({
    name: 'kit',
    role: 'operator',
  })
  for (const turn of ['first', 'remembered'])
    expect(await accounts.find({ username: 'sam', password: 'another long password' }), turn).toMatchObject({
      name: 'sam',
      role: 'viewer',
    })
})

test('nobody is found by anything else', async () => {
  const accounts = new Accounts([
    { token: 'the-token-of-operators' },
    { username: 'kit', password: 'correct horse battery' },
    { username: 'sam', passwordHash: await hashPassword('another long password') },
  ])
  for (const given of [
    {},
    { token: '' },
    { token: 'the-token-of-operatorS' },
    { username: 'kit' },
    { username: 'kit', password: 'another long password' },
    { username: 'sam', password: 'correct horse battery' },
    { username: 'nobody', password: 'another long password' },
  ])
    expect(await accounts.find(given), JSON.stringify(given)).toBeUndefined()
})
