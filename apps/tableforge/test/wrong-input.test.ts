import { expect, it } from 'vitest'
import { describe } from '../src/http/wrong-input.js'
import { clientEvents, LIMITS, type RouteName, routes } from '../src/protocol.js'

function complaint(name: RouteName, body: unknown): string {
  const result = routes[name].body.safeParse(body)
  return result.success ? 'nothing is wrong' : describe('body', result.error)
}

it.each([
  ['session.signIn', { name: '   ' }],
  ['rooms.create', { name: ' ', systemId: 'embers' }],
  ['room.rename', { name: '' }],
  ['profile.update', { name: ' ' }],
  ['players.add', { name: '\t' }],
  ['decks.add', { name: '' }],
] as const)('%s asks a person for the name that they left out', (name, body) => {
  expect(complaint(name, body)).toBe('Please enter a name.')
})

it('tells a person how much fits into a field', () => {
  expect(complaint('session.signIn', { name: 'x'.repeat(LIMITS.nameLength + 1) })).toBe(
    'A name has at most 40 characters.',
  )
})

it('asks for what a message or a roll lacks, over the socket too', () => {
  const said = clientEvents['chat:say'].safeParse({ roomId: 'r', text: ' ' })
  expect(describe('chat:say', said.error!)).toBe('Please enter a message.')
  const rolled = clientEvents['dice:roll'].safeParse({ roomId: 'r', notation: '' })
  expect(describe('dice:roll', rolled.error!)).toBe('Please enter a roll.')
})

it('names the place of what only a program gets wrong, and does not repeat it', () => {
  const message = complaint('rooms.create', { name: 'Inn', systemId: 'no such id!' })
  expect(message).toBe('body.systemId: an id of 1 to 40 characters of A-Z a-z 0-9 _ -')
  expect(complaint('session.signIn', { name: 5 })).toMatch(/^body\.name: /)
})
