import { CacheError, createCache } from '@tableforge/cache'
import { expect, onTestFinished, test } from 'vitest'
import { type ConsoleOptions, resolveConsoleOptions } from './options.js'

function resolve(options: object) {
  const cache = createCache({ namespace: 'options' })
  onTestFinished(() => cache.close())
  return resolveConsoleOptions({ cache, ...options } as ConsoleOptions)
}

test('without options there is a base path, and no way in', () => {
  expect(resolve({})).toMatchObject({ basePath: '/console', auth: undefined, maxStreams: 32 })
})

test('each wrong option is named, with what it wants', () => {
  const wrong: [object, RegExp][] = [
    [{ cache: {} }, /cache: expected a cache/],
    [{ basepath: '/x' }, /basepath: expected an option that exists/],
    [{ basePath: 'console' }, /basePath: .*"console"/],
    [{ basePath: '/console/' }, /basePath/],
    [{ basePath: '/"><script>' }, /basePath/],
    [{ bind: 1 }, /bind/],
    [{ maxStreams: 0 }, /maxStreams: .* at least 1/],
    [{ sessionSecret: 'short' }, /sessionSecret: .*32/],
    [{ auth: 'loopback' }, /auth: expected/],
    [{ auth: null }, /auth: expected/],
    [{ auth: { token: 'short' } }, /auth\.token: .*16.*got 5/],
    [{ auth: { token: undefined } }, /auth\.token/],
    [{ auth: { username: '', password: 'long enough for this' } }, /auth\.username/],
    [{ auth: { username: 'kit', password: 'short' } }, /auth\.password: .*12.*got 5/],
  ]
  for (const [options, message] of wrong) {
    expect(() => resolve(options), JSON.stringify(options)).toThrow(message)
    expect(() => resolve(options)).toThrow(CacheError)
  }
})

test('an error never shows the secret that it refuses', () => {
  expect(() => resolve({ auth: { token: 'hunter2' } })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  )
})
