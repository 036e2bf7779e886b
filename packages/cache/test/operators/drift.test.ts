import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { METRICS } from '@tableforge/cache/observability'
import { Ajv } from 'ajv'
import { createGenerator } from 'ts-json-schema-generator'
import { describe, expect, it } from 'vitest'
import { folder, monitoringFiles } from '../../../../scripts/monitoring/files.mjs'

const run = promisify(execFile)

describe('the files for operators', () => {
  it.each(Object.entries(monitoringFiles()))('%s is what `npm run monitoring` writes today', (name, content) => {
    expect(readFileSync(join(folder, name), 'utf8') === content, `${name} has drifted: npm run monitoring`).toBe(true)
  })

  it('name no metric that the library does not have', () => {
    const known = new Set(METRICS.map(({ name }) => name))
    const written = Object.values(monitoringFiles()).join('\n')
    const named = [...written.matchAll(/(?<![\w:])cache_[a-z_]+(?=[{[ ()]|$)/gm)].map(([name]) => name)
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([])
  })

  it('pass promtool: the rules are valid, and fire when they should and only then', async () => {
    const rules = await run('promtool', ['check', 'rules', join(folder, 'prometheus-rules.yml')])
    expect(rules.stdout).toMatch(/SUCCESS: \d+ rules found/)
    const tests = await run('promtool', ['test', 'rules', 'prometheus-rules-test.yml'], { cwd: folder })
    expect(tests.stdout).toContain('SUCCESS')
  })

  it('pass amtool: the example for Alertmanager is valid', async () => {
    const { stdout } = await run('amtool', ['check-config', join(folder, 'alertmanager.yml')])
    expect(stdout).toContain('SUCCESS')
  })

  it('hold a dashboard that fits the schema made from Grafana’s types', () => {
    const types = import.meta
      .resolve('@grafana/grafana-foundation-sdk/dashboard')
      .replace(/index\.js$/, 'types.gen.d.ts')
    const schema = createGenerator({
      path: fileURLToPath(types),
      type: 'Dashboard',
      skipTypeCheck: true,
      additionalProperties: true,
    }).createSchema('Dashboard')
    const validate = new Ajv({ strict: false }).compile(schema as object)
    const dashboard = JSON.parse(readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8')) as { panels: unknown[] }
    expect(validate(dashboard), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ ...dashboard, panels: 'none' })).toBe(false)
  })
})
