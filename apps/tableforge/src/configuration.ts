import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EnvironmentSettings, fromEnvironment } from '@tableforge/cache'
import { z } from 'zod'

/** What the environment of the process says about the app; what concerns the cache is in `cache`. */
export interface Configuration {
  readonly port: number
  readonly host: string
  readonly databaseUrl: string | undefined
  /** Simulated players. */
  readonly bots: number
  /** Signs session cookies; the same for every process of an installation. Never logged. */
  readonly sessionSecret: string
  /** Whether the app is reached over HTTPS, so that cookies are sent over it only. */
  readonly secure: boolean
  /** For the console; without one it is open to this very machine in development, and closed otherwise. */
  readonly consoleToken: string | undefined
  /** Kept between starts: the session secret, the template of the embedded database. */
  readonly dataFolder: string
  readonly cache: EnvironmentSettings
}

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

const Variables = z.object({
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  BOTS: whole(0, 1_000).default(24),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  SESSION_SECRET: z.string().min(32).optional(),
  CONSOLE_TOKEN: z.string().min(16).optional(),
  SECURE_COOKIES: z.enum(['true', 'false']).default('false'),
})

const WANTED: Record<string, string> = {
  PORT: 'a port from 0 to 65535',
  HOST: 'an address to listen on',
  BOTS: 'a number of simulated players from 0 to 1000',
  DATABASE_URL: 'a URL such as postgres://user:password@host:5432/database',
  SESSION_SECRET: 'at least 32 characters',
  CONSOLE_TOKEN: 'at least 16 characters',
  SECURE_COOKIES: "'true' or 'false'",
}

type Environment = Readonly<Record<string, string | undefined>>

/** Throws one error that names every wrong variable, the cache's among them, and what it should be. */
export async function readConfiguration(env: Environment): Promise<Configuration> {
  const complaints: string[] = []
  const own = attempted(() => readOwn(env), complaints)
  const cache = attempted(() => fromEnvironment(env), complaints)
  if (own === undefined || cache === undefined) throw new Error(complaints.join('\n'))
  const { PORT, HOST, BOTS, DATABASE_URL, SESSION_SECRET, CONSOLE_TOKEN, SECURE_COOKIES } = own
  const dataFolder = env.TABLEFORGE_DATA || fileURLToPath(new URL('../../../.data', import.meta.url))
  return {
    port: PORT,
    host: HOST,
    databaseUrl: DATABASE_URL,
    bots: BOTS,
    sessionSecret: SESSION_SECRET ?? (await installedSecret(dataFolder)),
    secure: SECURE_COOKIES === 'true',
    consoleToken: CONSOLE_TOKEN,
    dataFolder,
    cache,
  }
}

/** Never repeats a value, it may be a secret. */
function readOwn(env: Environment): z.output<typeof Variables> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const variables = Variables.safeParse(given)
  if (variables.success) return variables.data
  const names = new Set(variables.error.issues.map(({ path }) => String(path[0])))
  throw new Error([...names].map((name) => `${name}: expected ${WANTED[name]}`).join('\n'))
}

/** What is read, or nothing and the complaint noted. */
function attempted<T>(read: () => T, complaints: string[]): T | undefined {
  try {
    return read()
  } catch (error) {
    complaints.push((error as Error).message)
    return undefined
  }
}

/** The console's cookies are signed by a secret of their own that follows from the app's. */
export function consoleSecret(sessionSecret: string): string {
  return createHash('sha256').update('console').update(sessionSecret).digest('hex')
}

/** Random, made at the first start and kept where only this user can read it; of two that start at once one wins. */
async function installedSecret(folder: string): Promise<string> {
  const path = join(folder, 'session-secret')
  await mkdir(folder, { recursive: true })
  await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  const secret = await readFile(path, 'utf8')
  if (secret.length >= 32) return secret
  throw new Error(`${path}: expected at least 32 characters. Delete the file to have a new secret made.`)
}
