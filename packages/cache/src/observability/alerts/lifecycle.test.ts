import { describe, expect, it } from 'vitest'
import { type Finding, nextAlerts, type TrackedAlert } from './lifecycle.js'

const MINUTE = 60_000
const low: Finding = {
  rule: 'hit-rate-low',
  severity: 'warning',
  summary: 'low',
  value: 0.7,
  threshold: 0.8,
  pendingMs: MINUTE,
}
const critical: Finding = { ...low, severity: 'critical', value: 0.3, threshold: 0.6 }

/** Plays one finding (or none) for each minute, and tells what was said at which minute. */
function play(minutes: readonly (Finding | undefined)[], silenced: (minute: number) => boolean = () => false) {
  let alerts: readonly TrackedAlert[] = []
  const said: string[] = []
  for (const [minute, finding] of minutes.entries()) {
    const next = nextAlerts(alerts, {
      now: minute * MINUTE,
      repeatMs: 5 * MINUTE,
      findings: finding === undefined ? [] : [finding],
      isSilenced: () => silenced(minute),
    })
    alerts = next.alerts
    said.push(...next.notices.map(({ event, alert }) => `${minute}: ${event} ${alert.severity}`))
  }
  return { said, alerts }
}

describe('an alert', () => {
  it('is pending first, and told of once it has held for long enough', () => {
    expect(play([low]).alerts).toMatchObject([{ state: 'pending', since: 0 }])
    expect(play([low, low])).toMatchObject({
      said: ['1: raised warning'],
      alerts: [{ state: 'firing', since: 0, firedAt: MINUTE, notifiedAt: MINUTE }],
    })
  })

  it('that passes by itself while pending is never told of', () => {
    expect(play([low, undefined, low, undefined, low, undefined])).toEqual({ said: [], alerts: [] })
  })

  it('is repeated every 5 minutes while it goes on', () => {
    const { said, alerts } = play(Array(13).fill(low))
    expect(said).toEqual(['1: raised warning', '6: repeated warning', '11: repeated warning'])
    expect(alerts[0]?.repeats).toBe(2)
  })

  it('is told of at once when it gets worse, and not when it gets better but goes on', () => {
    expect(play([low, low, critical, low, low]).said).toEqual(['1: raised warning', '2: changed critical'])
  })

  it('is resolved when it has not held for as long as it had to hold, and a gap shorter than that is nothing', () => {
    expect(play([low, low, undefined, low, undefined, undefined]).said).toEqual([
      '1: raised warning',
      '5: resolved warning',
    ])
  })

  it('that is silenced tells nobody; when the silence ends it does, if it still holds', () => {
    expect(play(Array(8).fill(low), (minute) => minute < 4).said).toEqual(['4: raised warning'])
    expect(play([low, low, undefined, undefined], () => true).said).toEqual([])
  })

  it('without a pending time fires at once', () => {
    expect(play([{ ...low, pendingMs: 0 }, undefined]).said).toEqual(['0: raised warning', '1: resolved warning'])
  })

  it('is one alert for each definition and node', () => {
    const findings = [
      { ...low, pendingMs: 0, definition: 'a' },
      { ...low, pendingMs: 0, definition: 'b' },
      { ...low, pendingMs: 0, node: 'n' },
    ]
    const { alerts } = nextAlerts([], { now: 0, repeatMs: 1, findings, isSilenced: () => false })
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(3)
  })
})
