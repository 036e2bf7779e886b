import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { PageFiles } from './page-files.js'

function pageIn(basePath: string): PageFiles {
  const directory = mkdtempSync(join(tmpdir(), 'console-page-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'assets'))
  writeFileSync(
    join(directory, 'index.html'),
    '<meta content="%BASE%"><script src="./assets/index-Ab12Cd34.js"></script><!--slot-->',
  )
  writeFileSync(join(directory, 'assets', 'index-Ab12Cd34.js'), 'export const answer = 42')
  writeFileSync(join(directory, 'assets', 'plain.css'), 'body {}')
  return new PageFiles(directory, basePath)
}

const request = (headers: Record<string, string> = {}) => new Request('http://localhost/', { headers })

test('a document is completed with the base path, and what is put into it is taken as it stands', () => {
  expect(pageIn('/ops/console').document('index.html', '$& $1')).toBe(
    '<meta content="/ops/console"><script src="/ops/console/assets/index-Ab12Cd34.js"></script>$& $1',
  )
  expect(pageIn('').document('index.html')).toContain('src="/assets/index-Ab12Cd34.js"')
})

test('a fingerprinted file may be kept for ever, another must be asked for again', async () => {
  const files = pageIn('/console')
  const response = files.asset('index-Ab12Cd34.js', request())
  expect(response?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(response?.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(await response?.text()).toBe('export const answer = 42')
  expect(files.asset('plain.css', request())?.headers.get('cache-control')).toBe('no-cache')
})

test('who has a file already is told so, and who takes gzip gets it', async () => {
  const files = pageIn('/console')
  const etag = files.asset('plain.css', request())?.headers.get('etag') ?? ''
  expect(files.asset('plain.css', request({ 'if-none-match': etag }))?.status).toBe(304)
  const zipped = files.asset('plain.css', request({ 'accept-encoding': 'br, gzip' }))
  expect(zipped?.headers.get('content-encoding')).toBe('gzip')
  expect(gunzipSync(Buffer.from((await zipped?.arrayBuffer()) ?? new ArrayBuffer(0))).toString()).toBe('body {}')
})

test('only files that were there when it began can be asked for', () => {
  const files = pageIn('/console')
  for (const name of ['../index.html', '..%2findex.html', '/etc/passwd', '', 'constructor'])
    expect(files.asset(name, request()), name).toBeUndefined()
  expect(new PageFiles('/nowhere/at/all', '').document('index.html')).toBeUndefined()
})
