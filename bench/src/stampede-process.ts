import type { Loaded } from './remote-caches.js'
import { roomOf } from './sample-values.js'
import { caches, type StampedeOrder, type StampedeReady, type StampedeSettings } from './stampede-messages.js'

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

await main(JSON.parse(process.argv[2] ?? '') as StampedeSettings)
