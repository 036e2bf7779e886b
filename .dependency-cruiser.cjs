/** The direction of knowledge (DESIGN.md, "Who may know whom"), checked by `npm test`. */
const cache = '^packages/cache/src/'
const tests = '\\.test\\.ts$'

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-knows-only-the-core',
      comment: 'Root files of the library see the world through ports.ts. Only the composition root and the list of public names may look into folders.',
      severity: 'error',
      from: { path: `${cache}[^/]+\\.ts$`, pathNot: [`${cache}(create-cache|index)\\.ts$`, tests] },
      to: { path: `${cache}[^/]+/` },
    },
    {
      name: 'core-has-no-runtime',
      comment: 'No Redis, no Node built-ins, no metrics library in the core.',
      severity: 'error',
      from: { path: `${cache}[^/]+\\.ts$`, pathNot: [`${cache}(create-cache|index)\\.ts$`, tests] },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional'], pathNot: '@standard-schema' },
    },
    {
      name: 'tiers-do-not-know-each-other',
      severity: 'error',
      from: { path: `${cache}(memory|redis|edge)/`, pathNot: tests },
      to: { path: `${cache}(?!\\1/)[^/]+/`, pathNot: [`${cache}(memory|redis|edge)/`] },
    },
    {
      name: 'redis-and-memory-are-siblings',
      severity: 'error',
      from: { path: `${cache}redis/`, pathNot: tests },
      to: { path: `${cache}memory/` },
    },
    {
      name: 'layers-above-use-the-public-cache',
      comment: 'writing, warming, invalidation, region and adapters are clients of the Cache; nothing inside get knows them.',
      severity: 'error',
      from: { path: `${cache}(writing|warming|invalidation|region|adapters)/`, pathNot: tests },
      to: { path: `${cache}(memory|redis|resilience|edge|serialization)/` },
    },
    {
      name: 'strangers-import-by-package-name',
      severity: 'error',
      from: { path: '^(packages/console|apps|bench)/' },
      to: { path: '^packages/cache/src/' },
    },
    { name: 'no-unlisted-packages', severity: 'error', from: { path: '^(packages|apps|bench)/' , pathNot: [tests, '/test/', '/page/'] }, to: { dependencyTypes: ['npm-no-pkg', 'unknown', 'npm-dev'] , pathNot: '@types/'} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'], extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
  },
}
