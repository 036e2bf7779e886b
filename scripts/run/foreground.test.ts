import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const module = JSON.stringify(new URL('./foreground.mjs', import.meta.url))

/** Starts `program` (source text) behind runInForeground, and answers with its lines and its end. */
function behindForeground(program: string) {
  const wrapper = `const { runInForeground } = await import(${module}); process.exit(await runInForeground(process.execPath, ['--eval', ${JSON.stringify(program)}]))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', wrapper], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const waiting: { text: string; resolve: () => void }[] = []
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    for (const { text, resolve } of waiting) if (line === text) resolve()
  })
  const printed = (text: string) =>
    new Promise<void>((resolve) => (lines.includes(text) ? resolve() : waiting.push({ text, resolve })))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, lines, printed, ended }
}

const closing = `
  const alive = setInterval(() => {}, 1000)
  process.on('SIGINT', () => { console.log('SIGINT'); setTimeout(() => { clearInterval(alive); process.exitCode = 0 }, 300) })
  process.on('SIGTERM', () => { console.log('SIGTERM'); clearInterval(alive); process.exitCode = 0 })
  console.log('ready')`

test('the program hears one Ctrl-C once, however often it arrives, and its exit code is ours', async () => {
  const { child, lines, printed, ended } = behindForeground(closing)
  await printed('ready')
  child.kill('SIGINT')
  child.kill('SIGINT')
  await printed('SIGINT')
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(lines).toEqual(['ready', 'SIGINT'])
})

test('a termination is passed on', async () => {
  const { child, lines, printed, ended } = behindForeground(closing)
  await printed('ready')
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(lines).toEqual(['ready', 'SIGTERM'])
})

test('the exit code of a program that fails is passed on', async () => {
  expect(await behindForeground('process.exit(7)').ended).toBe(7)
})

test('a program that a signal ended is reported as shells do', async () => {
  expect(await behindForeground("process.kill(process.pid, 'SIGKILL')").ended).toBe(137)
})
