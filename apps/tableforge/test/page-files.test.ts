import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Page } from '../src/http/page.js'

let folder: string
let page: Page

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tableforge-page-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>TableForge</title>')
  await writeFile(join(folder, 'assets', 'index-B1a2C3d4.js'), `export const text = '${'x'.repeat(2_000)}'`)
  await writeFile(join(folder, 'robots.txt'), 'User-agent: *')
  page = await Page.read(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const get = (path: string, headers: Record<string, string> = {}) =>
  page.answer(new Request(`http://127.0.0.1${path}`, { headers }))

it('lets browsers keep fingerprinted files for ever', () => {
  expect(get('/assets/index-B1a2C3d4.js')?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
})

it('makes browsers ask again for everything else', () => {
  expect(get('/')?.headers.get('cache-control')).toBe('no-cache')
  expect(get('/robots.txt')?.headers.get('cache-control')).toBe('no-cache')
})

it('answers every address of the page with the page, and none of a file that is not there', async () => {
  expect(get('/rooms/r1')?.status).toBe(200)
  expect(await get('/rooms/r1')?.text()).toContain('<title>TableForge</title>')
  expect(get('/assets/gone-00000000.js')).toBeUndefined()
})

it('answers an address that leads nowhere with the page, which says so, as not found', async () => {
  expect(get('/nope')?.status).toBe(404)
  expect(await get('/nope')?.text()).toContain('<title>TableForge</title>')
  expect(get('/nope', { 'if-none-match': get('/')?.headers.get('etag') ?? '' })?.status).toBe(404)
})

it('serves the page under a policy that allows neither inline scripts nor inline styles', () => {
  const policy = get('/')?.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'self'")
  expect(policy).not.toContain('unsafe')
})

it('says that a known version has not changed, and zips what is worth it', () => {
  const etag = get('/')?.headers.get('etag') ?? ''
  expect(get('/', { 'if-none-match': etag })?.status).toBe(304)
  expect(get('/assets/index-B1a2C3d4.js', { 'accept-encoding': 'gzip' })?.headers.get('content-encoding')).toBe('gzip')
  expect(get('/', { 'accept-encoding': 'gzip' })?.headers.get('content-encoding')).toBeNull()
})
