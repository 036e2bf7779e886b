import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly body: string
  readonly headers: IncomingHttpHeaders
  readonly status: number
}

/** A webhook of our own: keeps what it is sent, and answers with the given statuses before it takes everything. */
export async function startReceiver(statuses: number[] = []) {
  const received: Received[] = []
  let arrived = () => {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const status = statuses.shift() ?? 200
      response.statusCode = status
      response.end()
      received.push({
        path: request.url ?? '',
        body: Buffer.concat(chunks).toString(),
        headers: request.headers,
        status,
      })
      arrived()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    /** Resolves with the first request that the condition holds for, of those that were and those to come. */
    async one(holds: (request: Received) => boolean): Promise<Received> {
      for (;;) {
        const found = received.find(holds)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
