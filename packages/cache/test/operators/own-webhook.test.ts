import { createCache, inProcessRemote } from '@tableforge/cache'
import { SIGNATURE_HEADER, verifySignature } from '@tableforge/cache/observability'
import { expect, it } from 'vitest'
import { startReceiver } from './receiver.js'

const SECRET = 'shared with the receiver only'

interface Body {
  readonly event: string
  readonly alerts: readonly { readonly rule: string; readonly state: string; readonly summary: string }[]
}

it('tells a receiver that fails twice: raised, repeated, resolved, in order and signed', async () => {
  await using receiver = await startReceiver([500, 503])
  const cache = createCache({
    namespace: 'shop',
    remote: inProcessRemote(),
    alerts: {
      interval: '1s',
      window: '2s',
      pending: 0,
      repeat: '2s',
      minReads: 20,
      thresholds: { latency: false },
      burnRates: false,
      webhooks: [{ url: `${receiver.url}/hook`, secret: SECRET }],
    },
  })
  try {
    const bodyOf = ({ body }: { body: string }) => JSON.parse(body) as Body
    const taken = (event: string) =>
      receiver.one((request) => request.status === 200 && bodyOf(request).event === event)
    let missing = true
    let turn = 0
    let reading = true
    const reads = (async () => {
      while (reading) {
        for (let i = 0; i < 20; i++) await cache.getOrLoad(missing ? `k${turn++}` : 'k0', async () => 1)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    const raised = await taken('raised')
    await taken('repeated')
    // Only then may it end.
    missing = false
    await taken('resolved')
    reading = false
    await reads

    expect(receiver.received.slice(0, 3).map(({ status }) => status)).toEqual([500, 503, 200])
    const events = receiver.received.filter(({ status }) => status === 200).map((one) => bodyOf(one).event)
    expect(events[0]).toBe('raised')
    // A starved machine may stop reading for longer than the window, which ends an alert and begins another.
    expect(events.indexOf('repeated')).toBeLessThan(events.lastIndexOf('resolved'))
    expect(bodyOf(raised).alerts).toMatchObject([{ rule: 'hit-rate-low', state: 'firing' }])
    for (const { body, headers } of receiver.received)
      expect(verifySignature(SECRET, body, String(headers[SIGNATURE_HEADER]))).toBe(true)

    const { active, resolved, deliveries } = await cache.alerts()
    expect(active).toEqual([])
    expect(resolved[0]).toMatchObject({ rule: 'hit-rate-low', state: 'resolved' })
    const [first, second, third] = deliveries.toReversed()
    expect([first, second, third].map((one) => [one?.attempt, one?.outcome, one?.status])).toEqual([
      [1, 'retrying', 500],
      [2, 'retrying', 503],
      [3, 'delivered', 200],
    ])
    expect(JSON.stringify(deliveries)).not.toMatch(/hook"|shared with/)
  } finally {
    await cache.close()
  }
}, 60_000)
