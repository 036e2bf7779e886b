import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ServiceProcess } from '../src/harness/processes.js'

const folder = mkdtempSync(join(tmpdir(), 'service-'))
const file = join(folder, 'service.mjs')
afterAll(() => rmSync(folder, { recursive: true }))

/** Ready with its process id; answers with twice the order. One whose setting is `fail` ends instead. */
writeFileSync(
  file,
  `const setting = JSON.parse(process.argv[2])
   if (setting === 'fail') process.exit(3)
   process.on('message', (order) => process.send(order * 2))
   process.send({ pid: process.pid, setting })`,
)

it('answers orders, and ends when it is let go of', async () => {
  const [one, two] = await ServiceProcess.startAll<string, { setting: string }, number, number>(file, ['a', 'b'])
  expect([one?.ready.setting, two?.ready.setting]).toEqual(['a', 'b'])
  expect(await Promise.all([one?.ask(4), two?.ask(5)])).toEqual([8, 10])
  await Promise.all([one?.end(), two?.end()])
  await two?.end()
})

it('says that one ended before it was ready', async () => {
  await expect(ServiceProcess.startAll(file, ['a', 'fail'])).rejects.toThrow('has ended (code 3)')
})
