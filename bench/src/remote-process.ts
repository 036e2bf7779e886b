import { nanosecondsPer } from './harness/interleaved.js'
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
  const readOneByOne = (calls: number, readers: number) => {
    let left = calls
    const reader = async () => {
      while (left-- > 0) await cache.read(nextKey())
    }
    return Promise.all(Array.from({ length: readers }, reader))
  }
  const readInBulk = async (calls: number, keysAtOnce: number) => {
    for (let call = 0; call < calls; call++) await cache.readMany(Array.from({ length: keysAtOnce }, nextKey))
  }
  await readOneByOne(Math.max(WARM_UP_READS, 2 * keys), WARM_UP_READERS)

  const { name, packages, configuration } = cache
  const ready: RemoteReady = { name, packages, configuration }
  return {
    ready,
    async answer(order: RemoteOrder): Promise<RemoteAnswer> {
      const before = loads
      const work = () =>
        'readers' in order ? readOneByOne(order.calls, order.readers) : readInBulk(order.calls, order.keysAtOnce)
      return { nanoseconds: await nanosecondsPer(order.calls, work), loads: loads - before }
    },
    close: () => cache.close(),
  }
})
