import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { runNode } from '../run/command.mjs'
import { root } from '../setup/paths.mjs'

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: { name: string }[]
}
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
const src = 'packages/cache/src'

/** A small repository that keeps every rule. */
const lawful = {
  'packages/cache/package.json':
    '{ "name": "@tableforge/cache", "type": "module", "dependencies": { "listed": "1" }, "devDependencies": { "tool": "1" } }',
  'packages/console/package.json': '{ "name": "@tableforge/cache-console", "type": "module" }',
  'node_modules/listed/package.json': '{ "name": "listed", "main": "index.js" }',
  'node_modules/listed/index.js': 'export const listed = 1',
  'node_modules/tool/package.json': '{ "name": "tool", "main": "index.js" }',
  'node_modules/tool/index.js': 'export const tool = 1',
  [`${src}/index.ts`]: "export * from './cache.js'\nexport * from './memory/lru.js'",
  [`${src}/ports.ts`]: 'export interface Port { size: number }',
  [`${src}/cache.ts`]: "import type { Port } from './ports.js'\nexport const cache: Port = { size: 1 }",
  [`${src}/cache.test.ts`]:
    "import { lru } from './memory/lru.js'\nimport { tool } from 'tool'\nexport default [lru, tool]",
  [`${src}/memory/lru.ts`]: "import type { Port } from '../ports.js'\nexport const lru: Port = { size: 2 }",
  [`${src}/redis/tier.ts`]:
    "import type { Port } from '../ports.js'\nimport { listed } from 'listed'\nexport const tier: Port = { size: listed }",
  [`${src}/writing/behind.ts`]: "import { cache } from '../cache.js'\nexport const behind = cache",
  [`${src}/observability/counters.ts`]: "import type { Port } from '../ports.js'\nexport type Counted = Port",
  [`${src}/simulator/replay.ts`]: "import { lru } from '../memory/lru.js'\nexport const replay = lru",
  [`${src}/testing/faulty.ts`]: "import { lru } from '../memory/lru.js'\nexport const faulty = lru",
  'packages/console/src/index.ts': 'export const page = 1',
}

/** For each rule, a file that breaks it, and it alone. */
const unlawful: Record<string, [path: string, text: string]> = {
  'no-cycles': [`${src}/self.ts`, "import type { Self } from './self.js'\nexport interface Self { of?: Self }"],
  'no-dead-ends': [`${src}/lost.ts`, "import { nothing } from './nothing.js'\nexport const lost = nothing"],
  'core-knows-only-the-core': [`${src}/down.ts`, "import { lru } from './memory/lru.js'\nexport const down = lru"],
  'core-has-no-runtime': [`${src}/runtime.ts`, "import { cpus } from 'node:os'\nexport const runtime = cpus"],
  'tiers-are-siblings': [
    `${src}/redis/sibling.ts`,
    "import { lru } from '../memory/lru.js'\nexport const sibling = lru",
  ],
  'tiers-do-not-know-the-cache': [
    `${src}/memory/up.ts`,
    "import { cache } from '../cache.js'\nexport const up = cache",
  ],
  'layers-above-use-the-public-cache': [
    `${src}/writing/deep.ts`,
    "import { lru } from '../memory/lru.js'\nexport const deep = lru",
  ],
  'watchers-attach-from-outside': [
    `${src}/observability/deep.ts`,
    "import { tier } from '../redis/tier.js'\nexport const deep = tier",
  ],
  'simulator-drives-the-policies': [
    `${src}/simulator/deep.ts`,
    "import { tier } from '../redis/tier.js'\nexport const deep = tier",
  ],
  'simulator-stays-out-of-the-product': [`${src}/writing/replayed.ts`, "export * from '../simulator/replay.js'"],
  'testing-stays-out-of-the-product': [`${src}/resilience/fake.ts`, "export * from '../testing/faulty.js'"],
  'strangers-import-by-package-name': [
    'packages/console/src/near.ts',
    "export { cache as near } from '../../cache/src/cache.js'",
  ],
  'no-unlisted-packages': [`${src}/redis/unlisted.ts`, "import { tool } from 'tool'\nexport const unlisted = tool"],
}

/** What the rules refuse in a repository of these files: pairs of a rule and the file that breaks it. */
async function violations(files: Record<string, string>): Promise<[rule: string, file: string][]> {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.base.json'])
      copyFileSync(join(root, name), join(folder, name))
    const { output } = await runNode(
      cruiser,
      ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'packages'],
      { cwd: folder },
    )
    const { summary } = JSON.parse(output) as { summary: { violations: { rule: { name: string }; from: string }[] } }
    return summary.violations.map(({ rule, from }) => [rule.name, from])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a repository that keeps the dependency rules breaks none', async () => {
  expect(await violations(lawful)).toEqual([])
})

test('each dependency rule refuses the import against it, and no other', async () => {
  const broken = await violations({ ...lawful, ...Object.fromEntries(Object.values(unlawful)) })
  expect(broken.sort()).toEqual(
    Object.entries(unlawful)
      .map(([rule, [path]]) => [rule, path])
      .sort(),
  )
})

test('every dependency rule has an import that it refuses', () => {
  expect(forbidden.map(({ name }) => name).sort()).toEqual(Object.keys(unlawful).sort())
})
