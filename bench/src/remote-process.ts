import { serve } from './harness/processes.js'
import { everybody, type Loaded } from './remote-caches.js'
import type { RemoteAnswer, RemoteOrder, RemoteProcessSettings, RemoteReady } from './remote-messages.js'
import { roomOf } from './sample-values.js'

/** With the first of these everything is in Redis, with the others V8 has compiled what is measured. */
const WARM_UP_READS = 30_000
const WARM_UP_READERS = 32

/** A process with one cache, whose memory can hold few of the keys that are read. */
await serve(async ({ index, keys, valueBytes, ...settings }: RemoteProcessSettings) => {
  const names = Array.from({ length: keys }, (_, at) => `room:${at}`)
  const rooms = new Map(names.map((key) => [key, roomOf(key, valueBytes)]))
  let loads = 0
  const load = async (key: string): Promise<Loaded> => {
    loads++
    return rooms.get(key) as Loaded
  }
  const cache = await everybody[index]![1]({ ...settings, load })

  let next = 0
  const nextKey = () => names[next++ % keys] as string
  const call = (keysAtOnce: number) =>
    keysAtOnce === 1 ? cache.read(nextKey()) : cache.readMany(Array.from({ length: keysAtOnce }, nextKey))
  /** Calls until `isOver`; returns how many. */
  const work = async (readers: number, keysAtOnce: number, isOver: (calls: number) => boolean) => {
    let calls = 0
    const reader = async () => {
      while (!isOver(calls)) {
        calls++
        await call(keysAtOnce)
      }
    }
    await Promise.all(Array.from({ length: readers }, reader))
    return calls
  }
  await work(WARM_UP_READERS, 1, (calls) => calls >= Math.max(WARM_UP_READS, 2 * keys))

  const { name, packages, configuration } = cache
  const ready: RemoteReady = { name, packages, configuration }
  return {
    ready,
    async answer({ readers, keysAtOnce, forMs }: RemoteOrder): Promise<RemoteAnswer> {
      const loadsBefore = loads
      let isOver = false
      setTimeout(() => {
        isOver = true
      }, forMs)
      const startedAt = process.hrtime.bigint()
      const calls = await work(readers, keysAtOnce, () => isOver)
      return { nanoseconds: Number(process.hrtime.bigint() - startedAt) / calls, loads: loads - loadsBefore }
    },
    close: () => cache.close(),
  }
})
