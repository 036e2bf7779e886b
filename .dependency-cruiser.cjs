/**
 * The direction of knowledge, checked by `npm test` (step "rules"). scripts/checks/rules.test.ts holds, for every rule,
 * an import that it must refuse. Tests and the testing entry point may look wherever they must.
 */
const cache = '^packages/cache/src/'
const tests = ['\\.test(-d)?\\.ts$', '/test/']
const folder = (...names) => `${cache}(${names.join('|')})/`
const error = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    error('no-cycles', 'Two files that need each other are one file.', {}, { circular: true }),
    error('no-dead-ends', 'Every import leads somewhere.', { pathNot: '/page/' }, { couldNotResolve: true }),
    error(
      'core-knows-only-the-core',
      'Root files of the library see the world through ports.ts. Only the composition root and the list of public names look into folders.',
      { path: `${cache}[^/]+\\.ts$`, pathNot: [`${cache}(create-cache|index)\\.ts$`, ...tests] },
      { path: `${cache}[^/]+/` },
    ),
    error(
      'core-has-no-runtime',
      'No Redis, no Node built-ins, no metrics library in the core; the Standard Schema is types only.',
      { path: `${cache}[^/]+\\.ts$`, pathNot: [`${cache}(create-cache|index)\\.ts$`, ...tests] },
      { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional'], pathNot: '@standard-schema' },
    ),
    error(
      'tiers-are-siblings',
      'memory, redis, edge and serialization implement ports, each without the others and without what is built on the Cache.',
      { path: `${cache}(memory|redis|edge|serialization)/`, pathNot: tests },
      { path: folder('[^/]+'), pathNot: [`${cache}$1/`, folder('matching')] },
    ),
    error(
      'tiers-do-not-know-the-cache',
      'A tier is told what to hold; it does not know who asks.',
      { path: folder('memory', 'redis', 'edge', 'serialization', 'resilience'), pathNot: tests },
      { path: `${cache}(cache|create-cache|definition|index)\\.ts$` },
    ),
    error(
      'layers-above-use-the-public-cache',
      'writing, warming, invalidation, region and adapters are clients of the Cache; nothing inside get knows them.',
      { path: folder('writing', 'warming', 'invalidation', 'region', 'adapters'), pathNot: tests },
      { path: folder('memory', 'redis', 'resilience', 'edge', 'serialization') },
    ),
    error(
      'watchers-attach-from-outside',
      'observability and analytics hear events and read counters; they call no tier.',
      { path: folder('observability', 'analytics'), pathNot: tests },
      { path: folder('redis', 'resilience', 'edge', 'serialization') },
    ),
    error(
      'simulator-drives-the-policies',
      'The simulator replays requests against the eviction policies of memory; a cache, a remote tier or a clock is none of its business.',
      { path: folder('simulator'), pathNot: tests },
      { path: [folder('(?!memory|simulator)[^/]+'), `${cache}(cache|create-cache|definition|index)\\.ts$`] },
    ),
    error(
      'simulator-stays-out-of-the-product',
      'Nothing that runs in production needs to replay a trace.',
      { path: cache, pathNot: [folder('simulator'), ...tests] },
      { path: folder('simulator') },
    ),
    error(
      'testing-stays-out-of-the-product',
      'The testing entry point knows the library, never the other way round.',
      { path: '^(packages|apps)/[^/]+/src/', pathNot: [folder('testing'), ...tests] },
      { path: folder('testing') },
    ),
    error(
      'strangers-import-by-package-name',
      'The console, the app and the benchmarks use the library and each other as anyone does.',
      { path: '^((packages/console|apps/[^/]+|bench)/)' },
      { path: '^(packages|apps)/', pathNot: ['^$1', '^(packages|apps)/[^/]+/dist/'] },
    ),
    error(
      'no-unlisted-packages',
      'What is published or run imports only what its package.json lists, and not what is for development.',
      { path: '^(packages|apps|bench)/', pathNot: [...tests, '/page/', '\\.config\\.ts$'] },
      { dependencyTypes: ['npm-no-pkg', 'npm-dev'], dependencyTypesNot: ['npm-peer', 'npm', 'type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '^(packages|apps)/[^/]+(/page)?/dist/.*\\.map$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
