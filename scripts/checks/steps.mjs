import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runNode } from '../run/command.mjs'
import { inSilence } from '../run/progress.mjs'
import { build } from '../setup/build.mjs'
import { install } from '../setup/install.mjs'
import { root } from '../setup/paths.mjs'
import { installSystemPackages } from '../setup/system-packages.mjs'
import { checkPackages } from './packed.mjs'
import { vitest } from './vitest.mjs'

/** @typedef {import('../run/schedule.mjs').Step} Step */

/** More than any machine has: the step runs alone. */
const ALONE = Number.POSITIVE_INFINITY

/** A preparation: counts as a test only when it fails. @param {() => Promise<string>} work */
const prepare = (work) => async () => ({ passed: 0, failed: 0, note: await work() })

/** A check by a program that exits with 0 when all is well. @param {string} script @param {readonly string[]} args */
const check = (script, args) => async () => {
  const { code, output } = await runNode(`node_modules/${script}`, args)
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, note: `exit code ${code}`, output }
}

/**
 * A project of vitest.config.ts. One that shares the machine with others runs its files one after another.
 *
 * @param {string} name
 * @param {string} about
 * @param {{ needs: string[], weight?: number }} options
 * @returns {Step}
 */
const project = (name, about, { needs, weight = 1 }) => ({
  name,
  about,
  needs,
  weight,
  work: () => vitest(name, weight === 1 ? ['--maxWorkers=1'] : []),
})

/** Where the sources are; `bench` may be absent from a packed copy. */
const sources = ['packages', 'apps', 'bench'].filter((folder) => existsSync(join(root, folder)))

/** Everything that `npm test` does, in the order in which it starts. @type {readonly Step[]} */
export const steps = [
  {
    name: 'install',
    about: 'packages from npm, as the lock file says',
    needs: [],
    weight: 1,
    work: prepare(() => install({ progress: inSilence })),
  },
  {
    name: 'system',
    about: 'Redis, PostgreSQL, Prometheus and Chromium, through apt where it may',
    needs: [],
    weight: 1,
    work: prepare(installSystemPackages),
  },
  {
    name: 'build',
    about: 'compiles the libraries, the app and the pages',
    needs: ['install'],
    weight: 1,
    work: prepare(() => build({ progress: inSilence })),
  },
  {
    name: 'lint',
    about: 'format and lint rules (Biome)',
    needs: ['install'],
    weight: 1,
    work: check('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
  },
  {
    name: 'rules',
    about: 'who may import whom (dependency-cruiser)',
    needs: ['build'],
    weight: 1,
    work: check('dependency-cruiser/bin/dependency-cruise.mjs', ['--config', '.dependency-cruiser.cjs', ...sources]),
  },
  {
    name: 'types',
    about: 'types of everything, tests and pages included (tsc)',
    needs: ['build'],
    weight: 1,
    work: check('typescript/bin/tsc', ['-b']),
  },
  {
    name: 'packages',
    about: 'what is published: contents, publint, attw, imports',
    needs: ['build'],
    weight: 1,
    work: () => checkPackages(['packages/cache', 'packages/console']),
  },
  project('units', 'units of the library', { needs: ['install'] }),
  project('contracts', 'one contract suite on every implementation of a port, real Redis included', {
    needs: ['install', 'system'],
  }),
  project('properties', 'random histories against naive models', { needs: ['install'] }),
  project('processes', 'several processes over one Redis', { needs: ['build', 'system'] }),
  project('operators', 'a real Prometheus and Alertmanager, their rules, the dashboard, webhooks', {
    needs: ['build', 'system'],
  }),
  project('app', 'TableForge over HTTP and WebSocket', { needs: ['build', 'system'] }),
  project('console', 'the console', { needs: ['build', 'system'] }),
  project('scripts', 'these scripts, the bench harness, and that the dependency rules can fail', {
    needs: ['build', 'system'],
  }),
  project('docs', 'the code in README and docs', { needs: ['build', 'system'] }),
  project('type-tests', 'types that the library infers for its users', { needs: ['build'] }),
  // A browser is several processes, and what people see must not wait for another test.
  project('browser', 'the pages in a real browser', { needs: ['build', 'system'], weight: ALONE }),
]
