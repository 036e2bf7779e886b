import { type Suite, table } from './suite.js'
import { environment, versionOf } from './versions.js'
import {
  asyncCacheDedupeInMemory,
  bentocacheInMemory,
  cacheableInMemory,
  cacheManagerInMemory,
  layeredLoaderInMemory,
  plainMap,
  tableforgeDefinition,
  tableforgeGetOrLoad,
  type WarmCache,
} from './warm-caches.js'

const ENTRIES = 10_000
const CALLS = 10_000
const ROUNDS = 25
const WARM_UP_ROUNDS = 5

const ours = [tableforgeDefinition, tableforgeGetOrLoad]
const others = [
  plainMap,
  bentocacheInMemory,
  cacheableInMemory,
  cacheManagerInMemory,
  asyncCacheDedupeInMemory,
  layeredLoaderInMemory,
]

/** Warm hits on a full cache: keys in one random order, the same for all. */
export const hit: Suite = {
  name: 'hit',
  about: `one warm hit on a full cache of ${ENTRIES.toLocaleString('en')} entries, against others and a plain Map`,
  async run(progress) {
    const keys = Array.from({ length: ENTRIES }, (_, at) => `key:${at}`)
    const order = shuffled(CALLS, keys)
    const all = await Promise.all([...ours, ...others].map(async (open) => open(keys)))
    const raw: Record<string, number[]> = Object.fromEntries(all.map(({ name }) => [name, []]))
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      progress(round < 0 ? 'warming up' : `round ${round + 1} of ${ROUNDS}`)
      // Interleaved, each round beginning with another one, so that drift and order favour nobody.
      for (let at = 0; at < all.length; at++) {
        const cache = all[(at + round + WARM_UP_ROUNDS) % all.length] as WarmCache
        const nanoseconds = await measure(cache, order)
        if (round >= 0) raw[cache.name]?.push(nanoseconds)
      }
    }
    await Promise.all(all.map(({ close }) => close()))
    const medians = Object.fromEntries(Object.entries(raw).map(([name, times]) => [name, median(times)]))
    const nameOf = (index: number) => (all[index] as WarmCache).name
    const ratios = Object.fromEntries(
      ours.map((_, index) => [
        nameOf(index),
        Object.fromEntries(
          others.map((_other, at) => {
            const other = nameOf(ours.length + at)
            return [other, round2((medians[nameOf(index)] ?? 0) / (medians[other] ?? 1))]
          }),
        ),
      ]),
    )
    const packages = [...new Set(all.flatMap((cache) => cache.packages))]
    const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
    const unit = 'nanoseconds per awaited call, median over rounds; ratios are ours/theirs, below 1 we are faster'
    const configurations = Object.fromEntries(all.map(({ name, configuration }) => [name, configuration]))
    return {
      data: {
        suite: 'hit',
        ...environment(),
        rounds: ROUNDS,
        callsPerRound: CALLS,
        entries: ENTRIES,
        unit,
        versions,
        configurations,
        ratios,
        medians,
        raw,
      },
      lines: report(medians, ratios),
    }
  },
}

async function measure({ read }: WarmCache, order: readonly string[]): Promise<number> {
  const startedAt = process.hrtime.bigint()
  for (const key of order) await read(key)
  return Number(process.hrtime.bigint() - startedAt) / order.length
}

/** A fixed sequence (Numerical Recipes' generator), so that runs can be compared. */
function shuffled(count: number, keys: readonly string[]): string[] {
  let state = 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return keys[state % keys.length] as string
  })
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return round2(sorted[Math.floor(sorted.length / 2)] ?? 0)
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}

function report(
  medians: Readonly<Record<string, number>>,
  ratios: Readonly<Record<string, Record<string, number>>>,
): string[] {
  const rows = Object.entries(medians).map(([name, nanoseconds]) => [
    name,
    `${nanoseconds.toFixed(0)} ns`,
    ...Object.values(ratios).map((against) => (against[name] === undefined ? '' : `${against[name].toFixed(2)}`)),
  ])
  const header = ['warm hit', 'median', ...Object.keys(ratios).map((name) => `${name} / it`)]
  return [...table([header, ...rows]), '', 'Ratios are ours/theirs in time: below 1 we are faster.']
}
