/** The content of `alertmanager.yml`: an example to begin with. */
export function alertmanagerExample() {
  return {
    route: {
      receiver: 'operators',
      group_by: ['alertname', 'job'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '4h',
      routes: [{ matchers: ['severity = critical'], receiver: 'on-call', repeat_interval: '30m' }],
    },
    // Of an alert that is critical, the warning says nothing new.
    inhibit_rules: [
      {
        source_matchers: ['severity = critical'],
        target_matchers: ['severity = warning'],
        equal: ['alertname', 'job', 'instance'],
      },
    ],
    receivers: [
      { name: 'operators', webhook_configs: [{ url: 'http://localhost:9095/operators', send_resolved: true }] },
      { name: 'on-call', webhook_configs: [{ url: 'http://localhost:9095/on-call', send_resolved: true }] },
    ],
  }
}
