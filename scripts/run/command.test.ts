import { expect, test } from 'vitest'
import { run } from './command.mjs'

const node = (program: string, options = {}) => run(process.execPath, ['--eval', program], options)

test('a program is answered with its exit code and with all it printed', async () => {
  const { code, output } = await node("console.log('to stdout'); console.error('to stderr'); process.exitCode = 3")
  expect(code).toBe(3)
  expect(output).toContain('to stdout\n')
  expect(output).toContain('to stderr\n')
})

test('a program that cannot be started is answered with 127 and its name', async () => {
  const { code, output } = await run('no-such-program', [])
  expect(code).toBe(127)
  expect(output).toContain('no-such-program')
})

test('a program that takes longer than it may is killed, which its output says', async () => {
  const { code, output } = await node('while (true);', { limitMs: 200 })
  expect(code).toBeGreaterThanOrEqual(128)
  expect(output).toContain('Killed after 0.2 s')
})

test('a program has ended when it ended, although a process that it left behind keeps its output open', async () => {
  const keeper =
    "const keeper = spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 60_000)'], { stdio: 'inherit', detached: true })"
  const { code, seconds, output } = await node(
    `const { spawn } = require('node:child_process'); ${keeper}; keeper.unref(); console.log(keeper.pid)`,
  )
  process.kill(Number(output))
  expect(code).toBe(0)
  expect(seconds).toBeLessThan(50)
})
