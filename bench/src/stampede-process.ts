import { everybody, type Loaded } from './remote-caches.js'
import { roomOf } from './sample-values.js'

/** A plain GET loads nothing. */
export const caches = everybody.filter(([role]) => role !== 'floor')

/** What the process is started with, as JSON. */
export interface StampedeSettings {
  readonly host: string
  readonly port: number
  readonly namespace: string
  /** Of a load: long enough that all callers of all processes come while it is under way. */
  readonly loadMs: number
}

/** Asks a process for so many reads of one key of one cache at once. It answers with the number of loads. */
export interface StampedeOrder {
  readonly cache: number
  readonly key: string
  readonly callers: number
}

/** What a process says of each cache when all are open. */
export type StampedeReady = readonly {
  readonly name: string
  readonly packages: readonly string[]
  readonly configuration: string
}[]

/** One process of a stampede, with every cache: a memory and connections of its own. */
async function main({ host, port, namespace, loadMs }: StampedeSettings): Promise<void> {
  let loads = 0
  const load = async (key: string): Promise<Loaded> => {
    loads++
    await new Promise((resolve) => setTimeout(resolve, loadMs))
    return roomOf(key, 1_024)
  }
  const opened = await Promise.all(
    caches.map(([, open], index) => open({ host, port, namespace: `${namespace}-${index}`, inMemory: 1_000, load })),
  )
  process.on('message', async ({ cache, key, callers }: StampedeOrder) => {
    loads = 0
    await Promise.all(Array.from({ length: callers }, () => opened[cache]?.read(key)))
    process.send?.(loads)
  })
  process.on('disconnect', async () => {
    for (const cache of opened) await cache.close()
    process.exit()
  })
  const ready: StampedeReady = opened.map(({ name, packages, configuration }) => ({ name, packages, configuration }))
  process.send?.(ready)
}

if (process.send !== undefined) await main(JSON.parse(process.argv[2] ?? '') as StampedeSettings)
