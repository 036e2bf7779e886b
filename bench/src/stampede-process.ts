import { serve } from './harness/processes.js'
import type { Loaded } from './remote-caches.js'
import { roomOf } from './sample-values.js'
import { caches, type StampedeOrder, type StampedeReady, type StampedeSettings } from './stampede-messages.js'

/** One process of a stampede, with every cache: a memory and connections of its own. */
await serve(async ({ host, port, namespace, loadMs }: StampedeSettings) => {
  let loads = 0
  const load = async (key: string): Promise<Loaded> => {
    loads++
    await new Promise((resolve) => setTimeout(resolve, loadMs))
    return roomOf(key, 1_024)
  }
  const opened = await Promise.all(
    caches.map(([, open], index) => open({ host, port, namespace: `${namespace}-${index}`, inMemory: 1_000, load })),
  )
  const ready: StampedeReady = opened.map(({ name, packages, configuration }) => ({ name, packages, configuration }))
  return {
    ready,
    async answer({ cache, key, callers }: StampedeOrder): Promise<number> {
      loads = 0
      await Promise.all(Array.from({ length: callers }, () => opened[cache]?.read(key)))
      return loads
    },
    close: () => Promise.all(opened.map((cache) => cache.close())),
  }
})
