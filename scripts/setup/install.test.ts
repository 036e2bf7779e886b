import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fingerprint } from './build.mjs'
import { staleInstall } from './install.mjs'
import { isAtLeast } from './node-version.mjs'
import { advice } from './system-packages.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: unknown) {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
}

const wanted = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/for-mac': { version: '1.0.0', optional: true },
  'node_modules/ours': { resolved: 'packages/ours', link: true },
}
const { '': _root, 'node_modules/for-mac': _optional, ...installed } = wanted

test('packages are installed when there are none, or another version, and not when all are there', () => {
  write('package-lock.json', { packages: wanted })
  expect(staleInstall(folder)).toBe('nothing is installed yet')
  write('node_modules/.package-lock.json', { packages: installed })
  expect(staleInstall(folder)).toBeUndefined()
  write('node_modules/.package-lock.json', { packages: { ...installed, 'node_modules/a': { version: '0.9.0' } } })
  expect(staleInstall(folder)).toBe('package-lock.json changed (a)')
})

test('an installation that was interrupted while npm wrote its own lock file counts as none', () => {
  write('package-lock.json', { packages: wanted })
  write('node_modules/.package-lock.json', '{ "packages": {')
  expect(staleInstall(folder)).toBe('nothing is installed yet')
})

test('a missing package-lock.json is named', () => {
  expect(() => staleInstall(folder)).toThrow('package-lock.json is missing or damaged')
})

test('the fingerprint of sources follows names and contents, and neither tests nor results of a build', () => {
  write('src/a.ts', 'one')
  const first = fingerprint(['src'], folder)
  expect(fingerprint(['src', 'absent'], folder)).toBe(first)
  write('src/a.test.ts', 'a test')
  write('src/dist/a.js', 'built')
  expect(fingerprint(['src'], folder)).toBe(first)
  write('src/b.ts', '')
  const second = fingerprint(['src'], folder)
  expect(second).not.toBe(first)
  write('src/a.ts', 'two')
  expect(fingerprint(['src'], folder)).not.toBe(second)
})

test('versions of Node.js are compared number by number', () => {
  expect(isAtLeast('20.19.0', '20.19.0')).toBe(true)
  expect(isAtLeast('22.4.1', '20.19.0')).toBe(true)
  expect(isAtLeast('20.9.0', '20.19.0')).toBe(false)
  expect(isAtLeast('18.20.8', '20.19.0')).toBe(false)
  expect(isAtLeast('24.0.0-nightly', '20.19.0')).toBe(true)
})

test('who may not use apt is told what to install', () => {
  const missing = [
    { name: 'redis-server', debian: 'redis-server', homebrew: 'redis', found: () => false },
    { name: 'redis-sentinel', debian: 'redis-sentinel', homebrew: 'redis', found: () => false },
    { name: 'Chromium', debian: 'chromium', homebrew: '--cask chromium', found: () => false },
  ]
  expect(advice(missing)).toContain('sudo apt-get install -y redis-server redis-sentinel chromium\n')
  expect(advice(missing)).toContain('brew install redis\n  macOS:           brew install --cask chromium\n')
})
