import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { CacheHealth, CacheStats } from '../../stats.js'
import type { FleetNode } from '../../watching.js'
import type { CacheCounters } from '../counters.js'
import { definitionStats } from '../stats.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { FrameSum } from './frame.js'
import { addFrame, encodeFrame } from './frame-codec.js'

/** Where processes say that they are there. */
export const FLEET_TOPIC = 'fleet'
const LARGEST_PRESENCE_BYTES = 4 * 1_048_576

/** What a process says of itself: everything that it has counted since it began, and how it is. */
export interface Presence {
  readonly node: Omit<FleetNode, 'self' | 'total'>
  readonly counters: FrameSum
}

export type PresentStats = Pick<
  CacheStats,
  'node' | 'at' | 'uptimeMs' | 'memory' | 'remote' | 'log' | 'flights' | 'bypassed'
>

export function presenceOf(
  stats: PresentStats,
  health: CacheHealth,
  version: string,
  counters: CacheCounters,
): Presence {
  const sum = new FrameSum()
  for (const [name, one] of counters.definitions) {
    sum.of(name).add(one)
    sum.total.add(one)
  }
  const { node, at, uptimeMs, memory, remote, log, flights, bypassed } = stats
  const reasons = health.components.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`]))
  return {
    node: { node, version, at, uptimeMs, status: health.status, reasons, remote, log, memory, flights, bypassed },
    counters: sum,
  }
}

/** JSON for what is read by name, a frame for what is added up. */
export function packPresence({ node, counters }: Presence): Uint8Array {
  const writer = new ByteWriter()
  // JSON has no Infinity: a log that was never confirmed, a tier without a bound.
  writer.text(JSON.stringify(node, (_key, value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value)))
  writer.block(encodeFrame({ at: node.at, durationMs: node.uptimeMs }, counters, false))
  return deflateRawSync(writer.finish())
}

/** Throws when it is damaged, or of another version. */
export function unpackPresence(bytes: Uint8Array): Presence {
  const reader = new ByteReader(inflateRawSync(bytes, { maxOutputLength: LARGEST_PRESENCE_BYTES }))
  const node = JSON.parse(reader.text(), (_key, value) => (value === 'Infinity' ? Number.POSITIVE_INFINITY : value))
  const counters = new FrameSum()
  addFrame(reader.block(), counters)
  return { node, counters }
}

/** The merged figures of some processes, and each of them. */
export function fleetOf(presences: readonly Presence[], self: string) {
  const all = new FrameSum()
  for (const { counters } of presences) all.add(counters)
  return {
    total: definitionStats(all.total),
    definitions: Object.fromEntries([...all.definitions].map(([name, one]) => [name, definitionStats(one)])),
    nodes: presences
      .map(({ node, counters }) => ({
        ...node,
        self: node.node === self,
        total: definitionStats(counters.total),
      }))
      .sort((a, b) => (a.node < b.node ? -1 : 1)),
  }
}
