import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ProcessWatch } from './processes.mjs'

const forever = 'setInterval(() => {}, 1000)'

/** A killed process may remain a zombie for as long as its new parent likes. */
function isRunning(pid: number) {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

/** Ends when its own child, which goes on in a session of its own, has printed its number. */
const leaver = `
  const { spawn } = require('node:child_process')
  const child = spawn(process.execPath, ['--eval', ${JSON.stringify(forever)}, 'forgotten'], { detached: true, stdio: 'ignore' })
  console.log(child.pid)
  child.unref()`

test.runIf(process.platform === 'linux')(
  'a process that outlives the one that started it is named and killed',
  async () => {
    const name = `LEFT_BEHIND=${process.pid}-${performance.now()}`
    const watch = new ProcessWatch(name)
    watch.start()
    const [key = '', value] = name.split('=')
    const child = spawn(process.execPath, ['--eval', leaver], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, [key]: value },
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    await new Promise((resolve) => child.once('close', resolve))

    const left = await watch.finish(500)

    expect(left.map(({ pid }) => pid)).toEqual([Number(output)])
    expect(left[0]?.command).toContain('forgotten')
    await expect.poll(() => isRunning(Number(output)), { timeout: 20_000 }).toBe(false)
  },
)

test.runIf(process.platform === 'linux')('a process that ends by itself is not counted as left behind', async () => {
  const watch = new ProcessWatch(`LEFT_BEHIND=${performance.now()}`)
  watch.start()
  const child = spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 200)'], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('close', resolve))
  expect(await watch.finish(30_000)).toEqual([])
  await ended
})
