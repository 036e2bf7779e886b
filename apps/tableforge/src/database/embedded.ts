import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

/**
 * PostgreSQL inside this process (PGlite), in memory: each start is a fresh table, and several processes never share
 * files. Making an empty cluster costs seconds, so the first start leaves one in `dataFolder` for the next ones.
 */
export async function openEmbedded(dataFolder: string): Promise<PGlite> {
  const template = join(dataFolder, `pglite-${version()}.tar.gz`)
  const known = await readFile(template).catch(() => undefined)
  if (known !== undefined) {
    try {
      const client = new PGlite({ loadDataDir: new Blob([known]) })
      await client.waitReady
      return client
    } catch {
      // A damaged template is worth nothing: make a new one below.
    }
  }
  const client = new PGlite()
  await client.waitReady
  await keep(template, client)
  return client
}

/** Written aside and renamed, so that a process that starts meanwhile reads all of it or nothing. */
async function keep(template: string, client: PGlite): Promise<void> {
  const cluster = Buffer.from(await (await client.dumpDataDir('gzip')).arrayBuffer())
  const aside = `${template}.${process.pid}`
  try {
    await mkdir(join(template, '..'), { recursive: true })
    await writeFile(aside, cluster)
    await rename(aside, template)
  } catch {
    // A folder that cannot be written only makes the next start slower.
  }
}

function version(): string {
  const manifest = createRequire(import.meta.url)('@electric-sql/pglite/package.json') as { version: string }
  return manifest.version
}
