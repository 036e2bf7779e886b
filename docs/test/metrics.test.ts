import { readFileSync } from 'node:fs'
import { METRICS } from '@tableforge/cache/observability'
import { expect, it } from 'vitest'

it('every metric that is exported is in the table for operators, and no other', () => {
  const page = readFileSync(new URL('../operators.md', import.meta.url), 'utf8')
  const [, table = ''] = /^## Metrics$(.*?)^## /ms.exec(page) ?? []
  const named = [...table.matchAll(/`(cache_\w+)`/g)].map(([, name]) => name)
  expect(named.toSorted()).toEqual(METRICS.map(({ name }) => name).toSorted())
})
