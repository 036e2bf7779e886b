import type { AlertFinding } from '../../watch-options.js'
import type { Alert } from '../../watching.js'

/** What a rule found in one round of judging. */
export interface Finding extends AlertFinding {
  readonly rule: string
  readonly node?: string
  readonly pendingMs: number
}

export type AlertEvent = 'raised' | 'changed' | 'repeated' | 'resolved'

export interface Notice {
  readonly event: AlertEvent
  readonly alert: Alert
}

/** An alert under way, with what its life cycle needs to remember. It is stored as JSON. */
export interface TrackedAlert extends Omit<Alert, 'silenced'> {
  /** Since when it no longer holds, while it is still firing. */
  readonly clearSince?: number
  readonly pendingMs: number
}

export interface LifecycleInput {
  readonly now: number
  readonly repeatMs: number
  readonly findings: readonly Finding[]
  readonly isSilenced: (alert: Pick<Alert, 'id' | 'rule'>) => boolean
}

export function alertId({ rule, definition, node }: Pick<Finding, 'rule' | 'definition' | 'node'>): string {
  return [rule, definition ?? '', node ?? ''].map(encodeURIComponent).join('.').replace(/\.+$/, '')
}

/**
 * The life of alerts, one round of it: pending until a finding has held for long enough, then firing, told of at once,
 * when it gets worse, and again after `repeatMs`; resolved when it has not held for as long. Pure: from what was and
 * what is found now, to what is and what is to be told.
 */
export function nextAlerts(
  before: readonly TrackedAlert[],
  input: LifecycleInput,
): {
  readonly alerts: readonly TrackedAlert[]
  readonly resolved: readonly Alert[]
  readonly notices: readonly Notice[]
} {
  const found = new Map(input.findings.map((finding) => [alertId(finding), finding]))
  const known = new Map(before.map((alert) => [alert.id, alert]))
  const alerts: TrackedAlert[] = []
  const resolved: Alert[] = []
  const notices: Notice[] = []
  const tell = (event: AlertEvent, alert: TrackedAlert): TrackedAlert => {
    if (input.isSilenced(alert)) return alert
    const told = {
      ...alert,
      notifiedAt: input.now,
      repeats: event === 'repeated' ? alert.repeats + 1 : alert.repeats,
    }
    notices.push({ event, alert: shown(told, false) })
    return told
  }

  for (const [id, finding] of found) alerts.push(holding(id, known.get(id), finding, input, tell))
  for (const alert of before) {
    if (found.has(alert.id) || alert.state === 'pending') continue
    const clearSince = alert.clearSince ?? input.now
    if (input.now - clearSince < alert.pendingMs) {
      alerts.push({ ...alert, clearSince })
      continue
    }
    const over: TrackedAlert = { ...alert, state: 'resolved', resolvedAt: input.now }
    // A receiver that was not told of it need not be told that it is over.
    resolved.push(shown(alert.notifiedAt === undefined ? over : tell('resolved', over), input.isSilenced(over)))
  }
  return { alerts, resolved, notices }
}

function holding(
  id: string,
  before: TrackedAlert | undefined,
  finding: Finding,
  { now, repeatMs }: LifecycleInput,
  tell: (event: AlertEvent, alert: TrackedAlert) => TrackedAlert,
): TrackedAlert {
  const { rule, definition, node, severity, summary, value, threshold, pendingMs } = finding
  const { clearSince: _, ...rest } = before ?? { since: now, state: 'pending' as const, repeats: 0 }
  const alert: TrackedAlert = {
    ...rest,
    id,
    rule,
    ...(definition === undefined ? {} : { definition }),
    ...(node === undefined ? {} : { node }),
    severity,
    summary,
    value,
    threshold,
    pendingMs,
  }
  if (alert.state !== 'firing') {
    return now - alert.since < pendingMs ? alert : tell('raised', { ...alert, state: 'firing', firedAt: now })
  }
  if (alert.notifiedAt === undefined) return tell('raised', alert)
  if (before?.severity === 'warning' && severity === 'critical') return tell('changed', alert)
  return now - alert.notifiedAt >= repeatMs ? tell('repeated', alert) : alert
}

/**
 * Resolved alerts of several processes, each once, newest first. While the board is away every process judges for
 * itself: the same alert over the same time is one.
 */
export function resolvedOnce(alerts: readonly Alert[]): readonly Alert[] {
  const endOf = ({ resolvedAt, since }: Alert) => resolvedAt ?? since
  const once: Alert[] = []
  for (const alert of alerts.toSorted((a, b) => endOf(b) - endOf(a) || a.id.localeCompare(b.id)))
    if (!once.some(({ id, since }) => id === alert.id && since < endOf(alert))) once.push(alert)
  return once
}

/** As others see it. */
export function shown(alert: TrackedAlert, silenced: boolean): Alert {
  const { clearSince: _clearSince, pendingMs: _pendingMs, ...rest } = alert
  return { ...rest, silenced }
}
