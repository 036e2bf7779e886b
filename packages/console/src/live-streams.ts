/**
 * What a client has not read yet may take this many bytes; one that falls further behind is let go and may come back.
 */
const MAX_BACKLOG = 2 * 1_048_576
/** How long the browser waits before it connects again. */
const RETRY_MS = 2_000

interface Client {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  /** Asked before each message: a session may have ended since. */
  readonly mayStay: () => boolean
}

/**
 * Open event streams (Server-Sent Events, WHATWG HTML 9.2), at most `limit`. The same message goes to all; a client
 * that does not keep up, or may no longer stay, is let go.
 */
export class LiveStreams {
  readonly #clients = new Set<Client>()
  readonly #encoder = new TextEncoder()

  constructor(readonly limit: number) {}

  get size(): number {
    return this.#clients.size
  }

  /** A stream that begins with one message; `undefined` when there are too many. */
  open(event: string, id: string, data: object, mayStay: () => boolean): ReadableStream<Uint8Array> | undefined {
    if (this.#clients.size >= this.limit) return undefined
    let client: Client | undefined
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          client = { controller, mayStay }
          this.#clients.add(client)
          controller.enqueue(this.#encoder.encode(`retry: ${RETRY_MS}\n${frame(event, id, data)}`))
        },
        cancel: () => {
          if (client !== undefined) this.#clients.delete(client)
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_BACKLOG }),
    )
  }

  send(event: string, id: string, data: object): void {
    if (this.#clients.size > 0) this.#toAll(frame(event, id, data))
  }

  /** A comment that only shows that the stream is alive. */
  beat(): void {
    if (this.#clients.size > 0) this.#toAll(': beat\n\n')
  }

  close(): void {
    for (const client of this.#clients) this.#let(client)
  }

  #toAll(text: string): void {
    const bytes = this.#encoder.encode(text)
    for (const client of this.#clients) {
      if ((client.controller.desiredSize ?? 0) <= 0 || !client.mayStay()) this.#let(client)
      else client.controller.enqueue(bytes)
    }
  }

  #let(client: Client): void {
    this.#clients.delete(client)
    client.controller.close()
  }
}

function frame(event: string, id: string, data: object): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}
