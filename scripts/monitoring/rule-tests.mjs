import { alertName, RULE_NAMES } from '@tableforge/cache/observability'
import { metric } from './expressions.mjs'

/**
 * Cases for `promtool test rules`: what must fire, and what must not. Series are written in its notation, one value a
 * minute.
 */

const TARGET = 'job="app",instance="app:1"'

/** @param {string} name @param {string} labels @param {string} values */
const series = (name, labels, values) => ({
  series: `${metric(name)}{${[labels, TARGET].filter(Boolean).join(',')}}`,
  values,
})

/** @param {number} hitsAMinute @param {number} missesAMinute @param {number} [minutes] */
const traffic = (hitsAMinute, missesAMinute, minutes = 60) => [
  series('cache_hits_total', 'tier="memory",definition="room"', `0+${hitsAMinute}x${minutes}`),
  series('cache_misses_total', 'tier="remote",definition="room"', `0+${missesAMinute}x${minutes}`),
  series('cache_sets_total', 'definition="room"', `0x${minutes}`),
  series('cache_invalidations_total', 'definition="room"', `0x${minutes}`),
  series('cache_failed_reads_total', 'definition="room"', `0x${minutes}`),
]

/** @param {string} rule @param {string} at @param {object[]} alerts labels and summaries */
const alertsAt = (rule, at, alerts = []) => ({
  eval_time: at,
  alertname: alertName(rule),
  exp_alerts: alerts,
})

/** @param {string} severity @param {string} summary @param {Record<string, string>} [labels] */
const expected = (severity, summary, labels = {}) => ({
  exp_labels: { severity, job: 'app', ...labels },
  exp_annotations: { summary },
})

export function ruleTests() {
  return {
    rule_files: ['prometheus-rules.yml'],
    evaluation_interval: '30s',
    tests: [
      {
        name: 'a hit rate of 70 % is a warning, not critical, and only after a minute',
        interval: '1m',
        input_series: traffic(70, 30),
        alert_rule_test: [
          alertsAt(RULE_NAMES.hitRate, '1m'),
          alertsAt(RULE_NAMES.hitRate, '10m', [
            expected('warning', 'Only 70% of the reads of app are answered by a tier.'),
          ]),
        ],
      },
      {
        name: 'a hit rate of 90 % is as it should be, and spends its budget slower than allowed',
        interval: '1m',
        input_series: traffic(90, 10),
        alert_rule_test: [alertsAt(RULE_NAMES.hitRate, '10m'), alertsAt(RULE_NAMES.budget.hitRate, '10m')],
        promql_expr_test: [
          {
            // Rounded: rates are sums of floats.
            expr: 'round(job:cache_hit_rate:ratio_rate5m, 0.001)',
            eval_time: '10m',
            exp_samples: [{ labels: '{job="app"}', value: 0.9 }],
          },
        ],
      },
      {
        name: 'a bad hit rate of a handful of reads is not judged',
        interval: '1m',
        input_series: traffic(1, 9),
        alert_rule_test: [alertsAt(RULE_NAMES.hitRate, '10m')],
      },
      {
        name: 'one operation in ten that fails is a warning; the operator sees how many',
        interval: '1m',
        input_series: [
          ...traffic(900, 100),
          series('cache_errors_total', 'tier="origin",definition="room"', '0+100x60'),
        ],
        alert_rule_test: [
          alertsAt(RULE_NAMES.errorRate, '10m', [expected('warning', '10% of the cache operations of app fail.')]),
        ],
      },
      {
        name: 'a memory tier that is full and evicts is too small; one that is full and does not is well used',
        interval: '1m',
        input_series: [
          series('cache_memory_bytes', '', '95x60'),
          series('cache_memory_max_bytes', '', '100x60'),
          series('cache_evictions_total', 'tier="memory",cause="capacity"', '0x10 0+10x40'),
        ],
        alert_rule_test: [
          alertsAt(RULE_NAMES.memory, '10m'),
          alertsAt(RULE_NAMES.memory, '20m', [
            expected('warning', 'The memory tier of app:1 is 95% full, and evicts.', { instance: 'app:1' }),
          ]),
        ],
      },
      {
        name: 'a process that does not hear the log is told of at once',
        interval: '1m',
        input_series: [series('cache_log_unconfirmed_seconds', '', '1 2 30 90')],
        alert_rule_test: [
          alertsAt(RULE_NAMES.connection, '1m'),
          alertsAt(RULE_NAMES.connection, '2m', [
            expected('warning', 'app:1 has not heard the remote tier or its invalidation log for 30s.', {
              instance: 'app:1',
            }),
          ]),
        ],
      },
      {
        name: 'two reads in a hundred that fail burn the budget of 0.1 % at 20 times its rate',
        interval: '1m',
        input_series: [...traffic(900, 100), series('cache_failed_reads_total', 'definition="user"', '0+20x60')],
        alert_rule_test: [
          {
            ...alertsAt(RULE_NAMES.budget.availability, '15m'),
            exp_alerts: [
              ['critical', '1h'],
              ['critical', '6h'],
              ['warning', '1d'],
              ['warning', '3d'],
            ].map(([severity = '', window = '']) =>
              expected(
                severity,
                `app loses the error budget of its availability objective (0.999) too fast: 2% of the reads of the last ${window} were bad.`,
                { window },
              ),
            ),
          },
        ],
      },
    ],
  }
}
