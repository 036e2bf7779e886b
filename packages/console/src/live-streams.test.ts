import { expect, test } from 'vitest'
import { LiveStreams } from './live-streams.js'

const stay = () => true

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text()
}

test('every stream gets its first message and then what is sent to all, as event stream frames', async () => {
  const streams = new LiveStreams(2)
  const texts = [1, 2].map((number) =>
    textOf(streams.open('snapshot', `id:${number}`, { number }, stay) as ReadableStream<Uint8Array>),
  )
  streams.send('update', 'id:3', { text: 'two\nlines' })
  streams.beat()
  streams.close()
  expect(await texts[0]).toBe(
    'retry: 2000\nevent: snapshot\nid: id:1\ndata: {"number":1}\n\nevent: update\nid: id:3\ndata: {"text":"two\\nlines"}\n\n: beat\n\n',
  )
  expect(await texts[1]).toContain('data: {"number":2}')
})

test('there are never more streams than the limit, and one that leaves makes room', async () => {
  const streams = new LiveStreams(1)
  const first = streams.open('snapshot', '1', {}, stay)
  expect(streams.open('snapshot', '1', {}, stay)).toBeUndefined()
  await first?.cancel()
  expect(streams.size).toBe(0)
  expect(streams.open('snapshot', '1', {}, stay)).toBeDefined()
  streams.close()
})

test('a visitor whose session ended gets nothing more', async () => {
  const streams = new LiveStreams(1)
  let signedIn = true
  const text = textOf(streams.open('snapshot', '1', {}, () => signedIn) as ReadableStream<Uint8Array>)
  signedIn = false
  streams.send('update', '2', { secret: true })
  expect(await text).not.toContain('secret')
  expect(streams.size).toBe(0)
})

test('a client that reads nothing is let go before it fills the memory', () => {
  const streams = new LiveStreams(1)
  streams.open('snapshot', '1', {}, stay)
  const large = { text: 'x'.repeat(100_000) }
  let sent = 0
  while (streams.size > 0 && sent < 100) {
    streams.send('update', '2', large)
    sent += 1
  }
  expect(sent).toBeGreaterThan(5)
  expect(sent).toBeLessThan(40)
})
