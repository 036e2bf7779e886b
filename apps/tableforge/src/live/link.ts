import { createAdapter } from '@socket.io/redis-adapter'
import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { TableServer } from './audience.js'

/** The longest that Redis is waited for when the link is taken down. */
const FAREWELL_MS = 300

/**
 * Sockets of all processes on one Redis hear each other's events. While Redis is away, each process serves its own
 * sockets, and what was to be told to others is lost: clients notice the gap in the versions and ask again.
 */
export async function linkProcesses(
  io: TableServer,
  redisUrl: string,
  namespace: string,
  logger: Logger,
): Promise<() => Promise<void>> {
  const publisher = new Redis(redisUrl, { lazyConnect: true, enableOfflineQueue: false })
  const subscriber = publisher.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null })
  for (const client of [publisher, subscriber]) {
    client.on('error', (error) => logger.warn({ error: error.message }, 'the link between processes broke'))
  }
  await Promise.all([publisher.connect(), subscriber.connect()])
  contain(publisher, logger)
  io.adapter(createAdapter(publisher, subscriber, { key: `${namespace}:sockets`, requestsTimeout: 2_000 }))
  return async () => {
    const farewell = Promise.allSettled([publisher.quit(), subscriber.quit()])
    await Promise.race([farewell, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())])
    publisher.disconnect()
    subscriber.disconnect()
  }
}

/** The adapter does not wait for its messages: without this, one that cannot be sent would end the process. */
function contain(publisher: Redis, logger: Logger): void {
  const publish = publisher.publish.bind(publisher)
  publisher.publish = async (channel: string | Buffer, message: string | Buffer) => {
    try {
      return await publish(channel, message)
    } catch (error) {
      logger.debug({ err: error }, 'a message to other processes was not sent')
      return 0
    }
  }
}
