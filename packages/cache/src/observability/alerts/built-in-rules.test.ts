import { expect, it } from 'vitest'
import type { AlertSeverity, WindowFigures, WindowStats } from '../../watching.js'
import { DefinitionCounters } from '../counters.js'
import { windowStats } from '../window-stats.js'
import { builtInRules, RULE_NAMES } from './built-in-rules.js'

const rules = builtInRules({
  minReads: 100,
  pendingMs: 0,
  thresholds: {
    hitRate: { warning: 0.8, critical: 0.6 },
    errorRate: { warning: 0.05, critical: 0.15 },
    latencyMs: { warning: 100, critical: 200 },
    memory: undefined,
    connectionMs: { warning: 15_000, critical: 60_000 },
  },
})

interface Given {
  readonly total?: Partial<WindowStats>
  readonly unconfirmedMs?: number
  readonly current?: AlertSeverity
}

/** What a rule says of 200 reads, given what it held before. */
function said(name: string, { total = {}, unconfirmedMs = 0, current }: Given) {
  const recent: WindowFigures = {
    from: 0,
    to: 300_000,
    coveredMs: 300_000,
    nodes: ['a'],
    total: { ...windowStats(new DefinitionCounters()), reads: 200, ...total },
    definitions: {},
    memory: { entries: 0, bytes: 0, maxEntries: 1, maxBytes: 1, evictions: 0, expirations: 0, refusals: 0 },
    log: { repairs: 0, losses: 0 },
  }
  const rule = rules.find((one) => one.name === name)
  const finding = rule?.judge({ at: 0, recent, over: () => recent, current: () => current, unconfirmedMs })
  return finding === undefined || !('summary' in finding) ? undefined : finding
}

it.each<[string, Given, AlertSeverity, string]>([
  [RULE_NAMES.hitRate, { total: { hitRate: 0.7 } }, 'warning', '70 % of 200 reads were hits, less than 80 %'],
  [
    RULE_NAMES.hitRate,
    { total: { hitRate: 0.818 }, current: 'warning' },
    'warning',
    '81.8 % of 200 reads were hits, not yet up to 82 %, where warning (less than 80 %) ends',
  ],
  [
    RULE_NAMES.hitRate,
    { total: { hitRate: 0.8 }, current: 'warning' },
    'warning',
    '80 % of 200 reads were hits, not yet up to 82 %, where warning (less than 80 %) ends',
  ],
  [
    RULE_NAMES.hitRate,
    { total: { hitRate: 0.62 }, current: 'critical' },
    'critical',
    '62 % of 200 reads were hits, not yet up to 64 %, where critical (less than 60 %) ends',
  ],
  [
    RULE_NAMES.hitRate,
    { total: { hitRate: 0.7 }, current: 'critical' },
    'warning',
    '70 % of 200 reads were hits, less than 80 %',
  ],
  [
    RULE_NAMES.errorRate,
    { total: { errorRate: 0.048, loadErrors: 9 }, current: 'warning' },
    'warning',
    '4.8 % of the operations failed (9 loads and 0 remote calls), not yet down to 4.5 %, where warning (more than 5 %) ends',
  ],
  [
    RULE_NAMES.latency,
    { total: { responseP95Ms: 250 } },
    'critical',
    'one read in twenty took 250 ms or longer, more than 200 ms',
  ],
  [
    RULE_NAMES.connection,
    { unconfirmedMs: 14_000, current: 'warning' },
    'warning',
    'the remote tier or its invalidation log has not been heard for 14 s, not yet down to 13.5 s, where warning (more than 15 s) ends',
  ],
])('%s says what is true of %j', (name, given, severity, summary) => {
  expect(said(name, given)).toMatchObject({ severity, summary })
})

it('an alert ends at the bound that it named', () => {
  expect(said(RULE_NAMES.hitRate, { total: { hitRate: 0.8201 }, current: 'warning' })).toBeUndefined()
  expect(said(RULE_NAMES.errorRate, { total: { errorRate: 0.045 }, current: 'warning' })).toBeUndefined()
})
