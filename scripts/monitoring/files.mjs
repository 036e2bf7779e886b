import { join } from 'node:path'
import { root } from '../setup/paths.mjs'
import { alertmanagerExample } from './alertmanager.mjs'
import { dashboard } from './dashboard.mjs'
import { ruleTests } from './rule-tests.mjs'
import { prometheusRules } from './rules.mjs'
import { yaml } from './yaml.mjs'

/** Where the files for operators lie: beside the library, with which they are published. */
export const folder = join(root, 'packages/cache/monitoring')

const HEADER = '# Written by `npm run monitoring` from the names in the library.\n'

/** What operators are given, by file name. @returns {Record<string, string>} */
export function monitoringFiles() {
  const text = (/** @type {unknown} */ value) => `${HEADER}${yaml(value).trimStart()}`
  return {
    'prometheus-rules.yml': text(prometheusRules()),
    'prometheus-rules-test.yml': text(ruleTests()),
    'alertmanager.yml': text(alertmanagerExample()),
    'grafana-dashboard.json': `${JSON.stringify(dashboard(), null, 2)}\n`,
  }
}
