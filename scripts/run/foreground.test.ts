import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { expect, test } from 'vitest'

const module = JSON.stringify(new URL('./foreground.mjs', import.meta.url))

/** The arguments of a process that runs `program` (source text) behind runInForeground. */
function wrapped(program: string): string[] {
  const wrapper = `const { runInForeground } = await import(${module}); process.exit(await runInForeground(process.execPath, ['--eval', ${JSON.stringify(program)}]))`
  return ['--input-type=module', '--eval', wrapper]
}

/** Starts `program` behind runInForeground, and answers with its lines and its end. */
function behindForeground(program: string) {
  return listenTo(spawn(process.execPath, wrapped(program), { stdio: ['ignore', 'pipe', 'inherit'] }))
}

function listenTo(child: ChildProcessByStdio<null, Readable, null>) {
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

test.skipIf(process.platform === 'win32')('a program whose npm has ended its shell is terminated', async () => {
  // As npm does it: a shell that waits for us, and ends at SIGTERM without a word. `wait` keeps it from becoming us.
  const shell = spawn('sh', ['-c', '"$@" & wait', 'sh', process.execPath, ...wrapped(closing)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_lifecycle_event: 'start' },
  })
  const { lines, printed, ended } = listenTo(shell)
  await printed('ready')
  shell.kill('SIGTERM')
  await ended
  expect(lines).toEqual(['ready', 'SIGTERM'])
})

test('the exit code of a program that fails is passed on', async () => {
  expect(await behindForeground('process.exit(7)').ended).toBe(7)
})

test('a program that a signal ended is reported as shells do', async () => {
  expect(await behindForeground("process.kill(process.pid, 'SIGKILL')").ended).toBe(137)
})
