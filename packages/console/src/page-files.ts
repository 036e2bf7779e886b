import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/** Where the build leaves the page, seen from both `src` and `dist`. */
export const PAGE_DIRECTORY = fileURLToPath(new URL('../dist/page/', import.meta.url))

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const FINGERPRINTED = /-[A-Za-z0-9_-]{8,}\.[a-z]+$/

interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
  zipped?: Uint8Array<ArrayBuffer>
}

/**
 * The built page, read into memory once: a request can only name a file that was there. Fingerprinted files may be kept
 * for ever; documents are completed with the base path and never stored.
 */
export class PageFiles {
  readonly #files: ReadonlyMap<string, PageFile>
  readonly #basePath: string

  constructor(directory: string, basePath: string) {
    this.#basePath = basePath
    this.#files = existsSync(directory) ? readFiles(directory) : new Map()
  }

  /** A document such as `index.html`, its placeholder `<!--slot-->` filled; `undefined` when the page was not built. */
  document(name: string, slot = ''): string | undefined {
    const file = this.#files.get(name)
    if (file === undefined) return undefined
    const html = Buffer.from(file.bytes).toString()
    // A function, so that $ in what is filled in has no meaning.
    return html
      .replaceAll('"./', `"${this.#basePath}/`)
      .replaceAll('%BASE%', this.#basePath)
      .replace('<!--slot-->', () => slot)
  }

  /** A file of `assets/`; `undefined` when there is none of that name. */
  asset(name: string, request: Request): Response | undefined {
    const file = this.#files.get(`assets/${name}`)
    if (file === undefined) return undefined
    const headers = new Headers({
      'Content-Type': file.type,
      'Cache-Control': FINGERPRINTED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: file.etag,
      Vary: 'Accept-Encoding',
    })
    if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
    if (!/\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')) return new Response(file.bytes, { headers })
    file.zipped ??= new Uint8Array(gzipSync(file.bytes))
    headers.set('Content-Encoding', 'gzip')
    return new Response(file.zipped, { headers })
  }
}

function readFiles(directory: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = new Uint8Array(readFileSync(path))
    const name = path
      .slice(directory.endsWith(sep) ? directory.length : directory.length + 1)
      .split(sep)
      .join('/')
    files.set(name, {
      bytes,
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    })
  }
  return files
}
