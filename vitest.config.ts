import { defineConfig } from 'vitest/config'

const library = 'packages/cache'
const console = 'packages/console'
const app = 'apps/tableforge'

/**
 * For tests that hang. What a starved machine takes long for is no failure; those that need longer say so themselves.
 */
const PATIENT_MS = 120_000

/**
 * One project per kind of proof, so that each can be run alone: `npx vitest run --project units`. They are the steps
 * of `npm test` with the same names (scripts/checks/steps.mjs), where it is also said what must be built before.
 */
const projects = [
  { name: 'units', include: [`${library}/src/**/*.test.ts`], testTimeout: PATIENT_MS },
  { name: 'properties', include: [`${library}/test/properties/**/*.test.ts`], testTimeout: PATIENT_MS },
  { name: 'contracts', include: [`${library}/test/{contracts,redis}/**/*.test.ts`], testTimeout: PATIENT_MS },
  { name: 'processes', include: [`${library}/test/processes/**/*.test.ts`], testTimeout: PATIENT_MS },
  { name: 'operators', include: [`${library}/test/operators/**/*.test.ts`], testTimeout: PATIENT_MS },
  { name: 'scripts', include: ['scripts/**/*.test.ts', 'bench/test/**/*.test.ts'], testTimeout: PATIENT_MS },
  { name: 'docs', include: ['docs/test/**/*.test.ts'], testTimeout: PATIENT_MS },
  {
    name: 'console',
    include: [`${console}/{src,test}/**/*.test.ts`],
    exclude: [`${console}/test/browser/**`],
    testTimeout: PATIENT_MS,
  },
  {
    name: 'app',
    include: [`${app}/{src,test}/**/*.test.ts`],
    exclude: [`${app}/test/browser/**`],
    testTimeout: PATIENT_MS,
  },
  { name: 'browser', include: [`{${library},${console},${app}}/test/browser/**/*.test.ts`], testTimeout: PATIENT_MS },
  {
    name: 'type-tests',
    include: [],
    typecheck: {
      enabled: true,
      only: true,
      include: [`${library}/test/types/**/*.test-d.ts`],
      tsconfig: `${library}/test/types/tsconfig.json`,
    },
  },
]

export const projectNames = projects.map(({ name }) => name)

/** A hook may start a server, a cluster of them, or a browser. */
const shared = { environment: 'node', restoreMocks: true, hookTimeout: 180_000 } as const

export default defineConfig({ test: { projects: projects.map((project) => ({ test: { ...shared, ...project } })) } })
