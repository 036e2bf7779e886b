import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

/**
 * PostgreSQL inside this process (PGlite), in memory: each start is a fresh table, and several processes never share
 * files. Making an empty database costs seconds, so the first start leaves one in `dataFolder` for the next ones: as
 * `prepare` left it, under a name that holds `form`, which changes whenever `prepare` does something else.
 */
export async function openEmbedded(
  dataFolder: string,
  form: string,
  prepare: (client: PGlite) => Promise<void>,
): Promise<PGlite> {
  const template = join(dataFolder, `pglite-${await version()}-${form}.tar.gz`)
  const known = await readFile(template).catch(() => undefined)
  if (known !== undefined) {
    try {
      return await opened(new PGlite({ loadDataDir: new Blob([known]) }))
    } catch {
      // A damaged template is worth nothing: make a new one below.
    }
  }
  const client = await opened(new PGlite())
  await prepare(client)
  await keep(template, client)
  return client
}

async function opened(client: PGlite): Promise<PGlite> {
  await client.waitReady
  return client
}

/** Written aside and renamed, so that a process that starts meanwhile reads all of it or nothing. */
async function keep(template: string, client: PGlite): Promise<void> {
  const cluster = Buffer.from(await (await client.dumpDataDir('gzip')).arrayBuffer())
  const aside = `${template}.${process.pid}`
  try {
    await mkdir(dirname(template), { recursive: true })
    await writeFile(aside, cluster)
    await rename(aside, template)
  } catch {
    // A folder that cannot be written only makes the next start slower.
  }
}

/**
 * A cluster is opened by the version that made it. The package does not export its manifest, so it is found beside its
 * code.
 */
async function version(): Promise<string> {
  const code = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest = await readFile(join(dirname(code), '..', 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
