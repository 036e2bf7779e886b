import { expect, test } from 'vitest'
import { peerAddress } from './peer-address.js'
import { isCrossOrigin } from './same-origin.js'

const from = (headers: Record<string, string>) =>
  new Request('http://cache.example/console', { headers: { host: 'cache.example', ...headers } })

test('a page of another origin is told apart by what its browser says', () => {
  for (const site of ['cross-site', 'same-site', 'anything'])
    expect(isCrossOrigin(from({ 'sec-fetch-site': site })), site).toBe(true)
  for (const site of ['same-origin', 'none']) expect(isCrossOrigin(from({ 'sec-fetch-site': site })), site).toBe(false)
  for (const origin of [
    'http://evil.example',
    'http://cache.example:81',
    'null',
    'http://cache.example.evil.example',
  ]) {
    expect(isCrossOrigin(from({ origin })), origin).toBe(true)
  }
  expect(isCrossOrigin(from({ origin: 'http://cache.example' }))).toBe(false)
  expect(isCrossOrigin(from({ 'sec-fetch-site': 'cross-site', origin: 'http://cache.example' }))).toBe(true)
})

test('a client that is no browser is not taken for one', () => {
  expect(isCrossOrigin(from({}))).toBe(false)
})

test('the address of the other end is found in the words of each server, and in no header', () => {
  const request = from({ 'x-forwarded-for': '127.0.0.1' })
  expect(peerAddress(request, { address: '10.0.0.1' })).toBe('10.0.0.1')
  expect(peerAddress(request, { incoming: { socket: { remoteAddress: '10.0.0.2' } } })).toBe('10.0.0.2')
  expect(peerAddress(request, { remoteAddr: { hostname: '10.0.0.3' } })).toBe('10.0.0.3')
  expect(peerAddress(request, { requestIP: () => ({ address: '10.0.0.4' }) })).toBe('10.0.0.4')
  for (const info of [undefined, null, {}, 'text', { incoming: {} }, { requestIP: () => null }])
    expect(peerAddress(request, info)).toBeUndefined()
})
