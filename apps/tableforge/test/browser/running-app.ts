import { type ChildProcess, spawn } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const app = fileURLToPath(new URL('../../', import.meta.url))

export interface RunningApp {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** The built app as its users run it, on a free port, without simulated players, with data of its own. */
export async function startApp(): Promise<RunningApp> {
  for (const built of ['dist/main.js', 'page/dist/index.html']) {
    await access(join(app, built)).catch(() => {
      throw new Error(`apps/tableforge/${built} is missing: the browser tests drive the built app, run "npm run build"`)
    })
  }
  const data = await mkdtemp(join(tmpdir(), 'tableforge-browser-'))
  const child = spawn(process.execPath, [join(app, 'dist/main.js')], {
    env: { PATH: process.env.PATH, PORT: '0', BOTS: '0', TABLEFORGE_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = async () => {
    await ended(child)
    await rm(data, { recursive: true, force: true })
  }
  try {
    return { url: await address(child), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The address that the app prints once it is ready. */
function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
      const url = /Game\s+(http:\/\/\S+?)\/?\s/.exec(said)?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', (code) => reject(new Error(`the app ended with ${code} before it was ready:\n${said}`)))
    child.once('error', reject)
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exit
  clearTimeout(late)
}
