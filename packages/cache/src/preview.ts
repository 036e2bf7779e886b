import { refuseUnknown } from './errors.js'
import { wholeNumber } from './options.js'
import type { Operation, PatternOperation } from './ports.js'
import type { Tiers } from './tiers.js'

export interface PreviewOptions {
  /** The most keys of the remote tier that are looked at. Default 20,000. */
  readonly maxExamined?: number
}

/** What an invalidation would cover now; see `Cache.preview`. */
export interface InvalidationPreview {
  /** Entries that this process holds and the invalidation covers. Bytes as the memory tier calculates them. */
  readonly memory: { readonly entries: number; readonly bytes: number }
  /** `undefined` when the remote tier did not answer. `complete: false`: there were more keys than were looked at. */
  readonly remote: { readonly entries: number; readonly examined: number; readonly complete: boolean } | undefined
  /** Some of the covered keys of either tier, at most 20. */
  readonly keys: readonly string[]
}

const OPTION_NAMES = new Set(['maxExamined'])
const MAX_EXAMINED = 20_000
const SHOWN_KEYS = 20
const SCAN_BATCH = 500

/**
 * Counts what operations would cover, without changing anything: memory as a whole, the remote tier by SCAN up to a
 * bound. Tags are known only by the values that carry them, which are read and decoded for it.
 */
export async function previewOf(
  tiers: Tiers,
  operations: readonly Operation[],
  options: PreviewOptions,
): Promise<InvalidationPreview> {
  refuseUnknown('preview', options, OPTION_NAMES)
  const maxExamined = wholeNumber('preview.maxExamined', options.maxExamined ?? MAX_EXAMINED)
  const covers = coverageOf(tiers, operations)
  const shown = new Set<string>()
  const memory = { entries: 0, bytes: 0 }
  for (const [key, entry] of tiers.memory.entries()) {
    if (!covers(key, () => entry.tags) || tiers.verdictOn(key, entry) === 'deleted') continue
    memory.entries += 1
    memory.bytes += tiers.memory.bytesOf(key) ?? 0
    if (shown.size < SHOWN_KEYS) shown.add(key)
  }
  try {
    const { covered, ...remote } = await inRemote(tiers, operations, covers, maxExamined)
    for (const key of covered) if (shown.size < SHOWN_KEYS) shown.add(key)
    return { memory, remote: { entries: covered.size, ...remote }, keys: [...shown] }
  } catch (error) {
    tiers.failed('preview', error)
    return { memory, remote: undefined, keys: [...shown] }
  }
}

type Covers = (key: string, tags: () => readonly string[]) => boolean

function coverageOf(tiers: Tiers, operations: readonly Operation[]): Covers {
  const keys = new Set(operations.flatMap((one) => (one.type === 'key' || one.type === 'set' ? [one.key] : [])))
  const tags = new Set(operations.flatMap((one) => (one.type === 'tag' ? [one.tag] : [])))
  const patterns = operations
    .filter((one): one is PatternOperation => one.type === 'pattern')
    .map((one) => tiers.compilePattern(one))
  const everything = operations.some(({ type }) => type === 'clear')
  return (key, tagsOf) =>
    everything ||
    keys.has(key) ||
    patterns.some((matches) => matches(key)) ||
    (tags.size > 0 && tagsOf().some((tag) => tags.has(tag)))
}

async function inRemote(tiers: Tiers, operations: readonly Operation[], covers: Covers, maxExamined: number) {
  const covered = new Set<string>()
  const named = operations.flatMap((one) => (one.type === 'key' ? [one.key] : []))
  if (named.length === operations.length) {
    const values = await tiers.remote.get(named)
    for (const [index, key] of named.entries()) if (values[index] !== undefined) covered.add(key)
    return { covered, examined: named.length, complete: true }
  }
  const byTag = operations.some(({ type }) => type === 'tag')
  const examined = new Set<string>()
  for await (const batch of tiers.remote.scan(SCAN_BATCH)) {
    // SCAN may name a key twice.
    const unseen = [...new Set(batch)].filter((key) => !examined.has(key))
    const fresh = unseen.slice(0, maxExamined - examined.size)
    for (const key of fresh) examined.add(key)
    const values = byTag && fresh.length > 0 ? await tiers.remote.get(fresh) : []
    for (const [index, key] of fresh.entries())
      if (covers(key, () => tagsIn(tiers, key, values[index]))) covered.add(key)
    if (fresh.length < unseen.length) return { covered, examined: examined.size, complete: false }
  }
  return { covered, examined: examined.size, complete: true }
}

/** A value that cannot be read carries no tag: it is treated as a miss when it is met. */
function tagsIn(tiers: Tiers, key: string, bytes: Uint8Array | undefined): readonly string[] {
  if (bytes === undefined) return []
  try {
    return [tiers.definitions.ownerOf(key), ...tiers.codec.decodeHead(bytes, key).tags]
  } catch {
    return []
  }
}
