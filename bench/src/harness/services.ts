import type { RedisService } from '../../../scripts/services/redis.mjs'

/** Servers of this run, started when they are first asked for. */
export class Services implements AsyncDisposable {
  #redis: Promise<RedisService> | undefined

  redis(): Promise<RedisService> {
    this.#redis ??= import('../../../scripts/services/redis.mjs').then(({ startRedis }) => startRedis())
    return this.#redis
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever asked for a server that did not start has been told so.
    const redis = await this.#redis?.catch(() => undefined)
    await redis?.stop()
  }
}
