import type { WebhookFormat } from '../../watch-options.js'
import type { Alert } from '../../watching.js'
import type { AlertEvent } from './lifecycle.js'

/** What is told at one time to one webhook. */
export interface Notification {
  readonly event: AlertEvent
  readonly namespace: string
  /** The process that tells it. */
  readonly node: string
  readonly at: number
  /** Without another word for this long, the alert is no longer taken to hold. */
  readonly validMs: number
  readonly alerts: readonly Alert[]
}

/** The body of a notification, as each receiver expects it. */
export const FORMATS: Readonly<Record<WebhookFormat, (notification: Notification) => unknown>> = {
  json: ({ event, namespace, node, at, alerts }) => ({ version: 1, event, namespace, node, at, alerts }),
  alertmanager: (notification) => notification.alerts.map((alert) => alertmanagerAlert(notification, alert)),
  'alertmanager-webhook': alertmanagerWebhook,
  slack,
  discord,
}

const COLORS = { critical: '#b3261e', warning: '#b26a00', resolved: '#1b7f3b' } as const
/** What Discord takes in one message. */
const MOST_EMBEDS = 10

/** `hit-rate-low` is `CacheHitRateLow`, as the rules for Prometheus name it. */
export function alertName(rule: string): string {
  return `Cache${rule.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}`
}

function labelsOf(namespace: string, alert: Alert): Record<string, string> {
  return {
    alertname: alertName(alert.rule),
    severity: alert.severity,
    namespace,
    ...(alert.definition === undefined ? {} : { definition: alert.definition }),
    ...(alert.node === undefined ? {} : { node: alert.node }),
  }
}

function annotationsOf(alert: Alert): Record<string, string> {
  return { summary: alert.summary, value: String(alert.value), threshold: String(alert.threshold) }
}

/** An alert of Alertmanager's API v2, which takes one that ends in the future for firing. */
function alertmanagerAlert({ namespace, at, validMs }: Notification, alert: Alert) {
  return {
    labels: labelsOf(namespace, alert),
    annotations: annotationsOf(alert),
    startsAt: time(alert.firedAt ?? alert.since),
    endsAt: time(alert.state === 'resolved' ? (alert.resolvedAt ?? at) : at + validMs),
  }
}

/** What an Alertmanager itself sends to its webhooks, version 4. */
function alertmanagerWebhook({ event, namespace, node, alerts }: Notification) {
  const status = event === 'resolved' ? 'resolved' : 'firing'
  return {
    version: '4',
    groupKey: `{}:{namespace="${namespace}"}`,
    truncatedAlerts: 0,
    status,
    receiver: 'tableforge-cache',
    groupLabels: { namespace },
    commonLabels: { namespace },
    commonAnnotations: {},
    externalURL: '',
    alerts: alerts.map((alert) => ({
      status,
      labels: labelsOf(namespace, alert),
      annotations: { ...annotationsOf(alert), sender: node },
      startsAt: time(alert.firedAt ?? alert.since),
      endsAt: alert.resolvedAt === undefined ? '0001-01-01T00:00:00Z' : time(alert.resolvedAt),
      generatorURL: '',
      fingerprint: alert.id,
    })),
  }
}

function slack({ event, namespace, alerts }: Notification) {
  return {
    text: slackText(`Cache ${namespace}: ${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'} ${event}`),
    attachments: alerts.map((alert) => ({
      color: colorOf(alert),
      title: slackText(titleOf(alert)),
      text: slackText(alert.summary),
      ts: Math.floor((alert.firedAt ?? alert.since) / 1_000),
    })),
  }
}

function discord({ event, namespace, alerts }: Notification) {
  return {
    content: `Cache ${namespace}: ${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'} ${event}`,
    // A definition's name must not call anybody.
    allowed_mentions: { parse: [] },
    embeds: alerts.slice(0, MOST_EMBEDS).map((alert) => ({
      title: titleOf(alert),
      description: alert.summary,
      color: Number.parseInt(colorOf(alert).slice(1), 16),
      timestamp: time(alert.firedAt ?? alert.since),
    })),
  }
}

function titleOf(alert: Alert): string {
  const about = [alert.definition, alert.node].filter((part) => part !== undefined)
  const where = about.length === 0 ? '' : ` (${about.join(', ')})`
  return `${alert.state === 'resolved' ? 'resolved' : alert.severity}: ${alert.rule}${where}`
}

function colorOf(alert: Alert): string {
  return alert.state === 'resolved' ? COLORS.resolved : COLORS[alert.severity]
}

/** Slack takes these three for mark-up. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}
