import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { placeOf } from '../places.js'
import { IMMUTABLE } from './files.js'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}

/** Vite writes files whose name holds their fingerprint below this folder. */
const FINGERPRINTED = /^\/assets\/[^/]+-[A-Za-z0-9_-]{8,}\.\w+$/

const POLICY = [
  "default-src 'self'",
  "img-src 'self'",
  "style-src 'self'",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

interface PageFile {
  readonly content: Uint8Array<ArrayBuffer>
  readonly zipped: Uint8Array<ArrayBuffer> | undefined
  readonly headers: Record<string, string>
}

/** The built web page, held in memory: a few files that never change while the process runs. */
export class Page {
  readonly #files: ReadonlyMap<string, PageFile>

  private constructor(files: ReadonlyMap<string, PageFile>) {
    this.#files = files
  }

  /** An empty page when the folder is missing: the server works without one. */
  static async read(folder: string): Promise<Page> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const read = files.map(async (path) => {
      const address = `/${relative(folder, path).split(sep).join('/')}`
      return [address, await pageFile(address, await readFile(path))] as const
    })
    return new Page(new Map(await Promise.all(read)))
  }

  /** The file at this address; where there is none the page, which says so itself when the address leads nowhere. */
  answer(request: Request): Response | undefined {
    const { pathname } = new URL(request.url)
    const file = this.#files.get(pathname)
    if (file !== undefined) return respond(request, file, 200)
    const known = placeOf(pathname) !== undefined
    const index = this.#files.get('/index.html')
    // Nobody reads a page in place of a script or a picture.
    if (index === undefined || (!known && extname(pathname) !== '')) return undefined
    return respond(request, index, known ? 200 : 404)
  }
}

function respond(request: Request, file: PageFile, status: 200 | 404): Response {
  if (status === 200 && request.headers.get('if-none-match') === file.headers.etag) {
    return new Response(null, { status: 304, headers: file.headers })
  }
  const zipped = file.zipped !== undefined && /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')
  const headers = { ...file.headers, ...(zipped ? { 'content-encoding': 'gzip' } : {}) }
  return new Response(request.method === 'HEAD' ? null : zipped ? file.zipped : file.content, { status, headers })
}

async function pageFile(address: string, content: Buffer): Promise<PageFile> {
  const type = TYPES[extname(address)] ?? 'application/octet-stream'
  const compressible = /^(text|application\/(json|manifest)|image\/svg)/.test(type) && content.byteLength > 1_024
  return {
    content: new Uint8Array(content),
    zipped: compressible ? new Uint8Array(await promisify(gzip)(content)) : undefined,
    headers: {
      'content-type': type,
      'cache-control': FINGERPRINTED.test(address) ? IMMUTABLE : 'no-cache',
      etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
      vary: 'accept-encoding',
      ...(extname(address) === '.html' ? { 'content-security-policy': POLICY } : {}),
    },
  }
}
