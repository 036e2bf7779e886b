import { defineConfig } from 'vitest/config'

const node = { environment: 'node', restoreMocks: true } as const

/** One project per kind of proof, so that each can be run alone: `npx vitest run --project unit`. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...node, name: 'unit', include: ['packages/cache/src/**/*.test.ts'] } },
      { test: { ...node, name: 'types', include: [], typecheck: { enabled: true, only: true, include: ['packages/cache/test/types/**/*.test-d.ts'], tsconfig: 'packages/cache/tsconfig.test.json' } } },
      { test: { ...node, name: 'properties', include: ['packages/cache/test/properties/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { ...node, name: 'redis', include: ['packages/cache/test/redis/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 } },
      { test: { ...node, name: 'processes', include: ['packages/cache/test/processes/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { ...node, name: 'console', include: ['packages/console/src/**/*.test.ts'], hookTimeout: 60_000 } },
      { test: { ...node, name: 'app', include: ['apps/tableforge/{src,test}/**/*.test.ts', 'docs/test/**/*.test.ts', 'scripts/**/*.test.ts'], exclude: ['apps/tableforge/test/browser/**'], testTimeout: 30_000, hookTimeout: 120_000 } },
      { test: { ...node, name: 'browser', include: ['apps/tableforge/test/browser/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 } },
    ],
  },
})
