import { defineConfig } from 'vitest/config'

const node = { environment: 'node', restoreMocks: true } as const
const library = 'packages/cache'
const app = 'apps/tableforge'

/**
 * One project per kind of proof, so that each can be run alone: `npx vitest run --project units`. They are the steps
 * of `npm test` with the same names (scripts/checks/steps.mjs), where it is also said what must be built before.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { ...node, name: 'units', include: [`${library}/src/**/*.test.ts`] } },
      {
        test: {
          ...node,
          name: 'type-tests',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: [`${library}/test/types/**/*.test-d.ts`],
            tsconfig: `${library}/tsconfig.test.json`,
          },
        },
      },
      {
        test: {
          ...node,
          name: 'properties',
          include: [`${library}/test/properties/**/*.test.ts`],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...node,
          name: 'contracts',
          include: [`${library}/test/{contracts,redis}/**/*.test.ts`],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...node,
          name: 'processes',
          include: [`${library}/test/processes/**/*.test.ts`],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { ...node, name: 'console', include: ['packages/console/{src,test}/**/*.test.ts'], hookTimeout: 60_000 },
      },
      {
        test: { ...node, name: 'docs', include: ['docs/test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: { ...node, name: 'scripts', include: ['scripts/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: {
          ...node,
          name: 'app',
          include: [`${app}/{src,test}/**/*.test.ts`],
          exclude: [`${app}/test/browser/**`],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...node,
          name: 'browser',
          include: [`${app}/test/browser/**/*.test.ts`],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
