import { expect, test } from 'vitest'
import { isLoopbackAddress, isLoopbackHost, refusalOfLoopback } from './loopback.js'

const here = (headers: Record<string, string> = {}) =>
  new Request('http://localhost:3000/console', { headers: { host: 'localhost:3000', ...headers } })

test('a developer at this machine is let in', () => {
  for (const peer of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
    for (const bind of ['127.0.0.1', 'localhost', '::1']) {
      expect(refusalOfLoopback(here(), peer, bind, 'development'), `${peer} on ${bind}`).toBeUndefined()
    }
  }
  expect(refusalOfLoopback(here(), '127.0.0.1', '127.0.0.1', undefined)).toBeUndefined()
})

test('in production nobody is let in without credentials', () => {
  expect(refusalOfLoopback(here(), '127.0.0.1', '127.0.0.1', 'production')).toMatch(/NODE_ENV is production/)
})

test('a server that is not known to listen on loopback alone lets nobody in', () => {
  for (const bind of [undefined, '0.0.0.0', '::', '', '192.168.1.5', '127.0.0.1.example.com']) {
    expect(refusalOfLoopback(here(), '127.0.0.1', bind, 'development'), String(bind)).toMatch(/bound to loopback/)
  }
})

test('a connection from elsewhere, or from nobody knows where, is refused', () => {
  for (const peer of ['192.168.1.9', '10.0.0.1', '::ffff:8.8.8.8', 'fe80::1', '1270.0.0.1', '::2', '']) {
    expect(refusalOfLoopback(here(), peer, '127.0.0.1', 'development'), peer).toMatch(/does not come from this machine/)
  }
  expect(refusalOfLoopback(here(), undefined, '127.0.0.1', 'development')).toMatch(/does not tell/)
})

test('a name that was made to point here is refused (DNS rebinding)', () => {
  for (const host of [
    'evil.example:3000',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '128.0.0.1',
    '[::2]',
    '0.0.0.0:3000',
    'notlocalhost',
  ]) {
    expect(refusalOfLoopback(here({ host }), '127.0.0.1', '127.0.0.1', 'development'), host).toMatch(/Host header/)
  }
})

test('what came through a proxy is refused', () => {
  for (const header of ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'x-real-ip', 'via']) {
    expect(refusalOfLoopback(here({ [header]: '127.0.0.1' }), '127.0.0.1', '127.0.0.1', 'development'), header).toMatch(
      /proxy/,
    )
  }
})

test('names of this machine are known with and without a port', () => {
  for (const host of [
    'localhost',
    'LOCALHOST:80',
    'app.localhost:3000',
    'localhost.',
    '127.0.0.1:3000',
    '[::1]',
    '[::1]:3000',
  ]) {
    expect(isLoopbackHost(host), host).toBe(true)
  }
  expect(isLoopbackHost('::1'), 'without brackets it is no host').toBe(false)
  expect(isLoopbackAddress('[::1]')).toBe(true)
})
