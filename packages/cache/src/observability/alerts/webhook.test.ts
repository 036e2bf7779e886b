import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../testing/index.js'
import type { Alert, Delivery } from '../../watching.js'
import type { Notification } from './formats.js'
import { SIGNATURE_HEADER, verifySignature } from './signature.js'
import { type ResolvedWebhook, Webhook } from './webhook.js'

const alert: Alert = {
  id: 'hit-rate-low',
  rule: 'hit-rate-low',
  severity: 'warning',
  state: 'firing',
  summary: '70 % of 1000 reads were hits',
  value: 0.7,
  threshold: 0.8,
  since: 0,
  firedAt: 0,
  repeats: 0,
  silenced: false,
}
const notification: Notification = {
  event: 'raised',
  namespace: 'ns',
  node: 'n1',
  at: 0,
  validMs: 60_000,
  alerts: [alert],
}
const SECRET = 'a secret of enough characters'

/** A receiver that answers from a list; what it is asked for is kept. */
function receiver(
  answers: (number | 'hang' | { status: number; retryAfter: string })[],
  hook: Partial<ResolvedWebhook> = {},
) {
  const clock = createVirtualClock()
  const calls: { at: number; body: string; headers: Headers; init: RequestInit }[] = []
  const deliveries: Delivery[] = []
  const fetch = async (_url: string, init: RequestInit): Promise<Response> => {
    calls.push({ at: clock.now(), body: String(init.body), headers: new Headers(init.headers), init })
    const answer = answers.shift() ?? 200
    if (answer === 'hang') {
      return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
    }
    if (typeof answer === 'number') return new Response(null, { status: answer })
    return new Response(null, { status: answer.status, headers: { 'retry-after': answer.retryAfter } })
  }
  const webhook = new Webhook(
    {
      url: 'https://hooks.example/very-secret-path',
      name: 'hooks.example',
      format: 'json',
      secret: undefined,
      headers: { authorization: 'Bearer very-secret-token' },
      timeoutMs: 10_000,
      attempts: 4,
      severity: 'warning',
      ...hook,
    },
    { clock, fetch, log: (delivery) => deliveries.push(delivery) },
  )
  return { clock, calls, deliveries, webhook }
}

describe('a webhook', () => {
  it('is tried again with growing pauses until it takes the notification', async () => {
    const { clock, calls, deliveries, webhook } = receiver([500, 503])
    webhook.send(notification)
    await clock.runUntil(webhook.idle())
    expect(deliveries.map(({ outcome, status, attempt }) => [outcome, status, attempt])).toEqual([
      ['retrying', 500, 1],
      ['retrying', 503, 2],
      ['delivered', 200, 3],
    ])
    const [first = 0, second = 0, third = 0] = calls.map(({ at }) => at)
    expect(second - first).toBeGreaterThanOrEqual(500)
    expect(third - second).toBeGreaterThan((second - first) * 0.99)
  })

  it('waits as long as the receiver asks for', async () => {
    const { clock, calls, webhook } = receiver([{ status: 429, retryAfter: '7' }])
    webhook.send(notification)
    await clock.runUntil(webhook.idle())
    expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBe(7_000)
  })

  it('does not argue with a receiver that refuses, and gives up after its attempts', async () => {
    const refusing = receiver([400])
    refusing.webhook.send(notification)
    await refusing.clock.runUntil(refusing.webhook.idle())
    expect(refusing.deliveries.map(({ outcome }) => outcome)).toEqual(['given-up'])
    const failing = receiver([500, 500, 500, 500, 500])
    failing.webhook.send(notification)
    await failing.clock.runUntil(failing.webhook.idle())
    expect(failing.deliveries.map(({ outcome }) => outcome)).toEqual(['retrying', 'retrying', 'retrying', 'given-up'])
  })

  it('that does not answer is cut off after its timeout', async () => {
    const { clock, deliveries, webhook } = receiver(['hang'])
    webhook.send(notification)
    await clock.runUntil(webhook.idle())
    expect(deliveries[0]).toMatchObject({ outcome: 'retrying', error: 'no answer within 10000 ms', durationMs: 10_000 })
    expect(deliveries[1]?.outcome).toBe('delivered')
  })

  it('hears of things in their order, also when the first takes several attempts', async () => {
    const { clock, calls, webhook } = receiver([500])
    webhook.send(notification)
    webhook.send({ ...notification, event: 'resolved' })
    await clock.runUntil(webhook.idle())
    expect(calls.map(({ body }) => (JSON.parse(body) as { event: string }).event)).toEqual([
      'raised',
      'raised',
      'resolved',
    ])
  })

  it('gets a signature that only who knows the secret can make, for this body and this time', async () => {
    const { clock, calls, webhook } = receiver([], { secret: SECRET })
    webhook.send(notification)
    await clock.runUntil(webhook.idle())
    const { body = '', headers = new Headers() } = calls[0] ?? {}
    const header = headers.get(SIGNATURE_HEADER)
    const nowMs = clock.now()
    expect(verifySignature(SECRET, body, header, { nowMs })).toBe(true)
    expect(verifySignature('another secret, as long', body, header, { nowMs })).toBe(false)
    expect(verifySignature(SECRET, `${body} `, header, { nowMs })).toBe(false)
    expect(verifySignature(SECRET, body, header, { nowMs: nowMs + 301_000 })).toBe(false)
    expect(verifySignature(SECRET, body, header?.replace('v1=', 'v1=0'), { nowMs })).toBe(false)
    expect(verifySignature(SECRET, body, null, { nowMs })).toBe(false)
  })

  it('follows no redirection, and no secret is in what is logged', async () => {
    const { clock, calls, deliveries, webhook } = receiver([302], { secret: SECRET })
    webhook.send(notification)
    await clock.runUntil(webhook.idle())
    expect(calls[0]?.init.redirect).toBe('manual')
    expect(deliveries[0]).toMatchObject({ outcome: 'given-up', status: 302, target: 'hooks.example' })
    expect(JSON.stringify(deliveries)).not.toMatch(/secret/)
  })

  it('for critical alerts only is not told of warnings', async () => {
    const { clock, calls, webhook } = receiver([], { severity: 'critical' })
    webhook.send(notification)
    webhook.send({ ...notification, alerts: [alert, { ...alert, severity: 'critical' }] })
    await clock.runUntil(webhook.idle())
    expect(calls.map(({ body }) => (JSON.parse(body) as Notification).alerts.length)).toEqual([1])
  })

  it('that hangs does not keep the cache from closing', async () => {
    const { clock, calls, webhook } = receiver(['hang'])
    webhook.send(notification)
    await clock.flush()
    expect(calls.length).toBe(1)
    await webhook.close()
    expect(calls[0]?.init.signal?.aborted).toBe(true)
  })

  it('is spoken to in the format that it expects', async () => {
    const bodyOf = async (format: ResolvedWebhook['format']) => {
      const { clock, calls, webhook } = receiver([], { format })
      webhook.send({ ...notification, alerts: [{ ...alert, definition: '<!channel> & co' }] })
      await clock.runUntil(webhook.idle())
      return JSON.parse(calls[0]?.body ?? '') as never
    }
    expect(await bodyOf('json')).toMatchObject({
      version: 1,
      event: 'raised',
      namespace: 'ns',
      alerts: [{ value: 0.7 }],
    })
    expect(await bodyOf('alertmanager')).toMatchObject([
      {
        labels: { alertname: 'CacheHitRateLow', severity: 'warning', namespace: 'ns' },
        endsAt: '1970-01-01T00:01:00.000Z',
      },
    ])
    expect(await bodyOf('alertmanager-webhook')).toMatchObject({ version: '4', status: 'firing' })
    const slack = await bodyOf('slack')
    expect(slack).toMatchObject({ attachments: [{ title: expect.stringContaining('&lt;!channel&gt; &amp; co') }] })
    expect(await bodyOf('discord')).toMatchObject({ allowed_mentions: { parse: [] }, embeds: [{ color: 0xb26a00 }] })
  })
})
