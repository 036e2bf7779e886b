import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { HeavyHitterMeasure } from '../../watching.js'
import { ByteReader, ByteWriter } from '../history/bytes.js'
import type { Counted, Summary } from './space-saving.js'

/** By what keys are counted, in the order in which their summaries are written. */
export const MEASURES = ['hits', 'misses', 'loadMs', 'bytes'] as const satisfies readonly HeavyHitterMeasure[]

export interface Summaries extends Readonly<Record<HeavyHitterMeasure, Summary>> {
  /** The share of the hits that was counted; each stands for so many that their sum is right on average. */
  readonly sample: number
}

const LARGEST_BYTES = 4 * 1_048_576

/** The summaries of a process as they travel on the board. */
export function packSummaries(summaries: Summaries): Uint8Array {
  const writer = new ByteWriter()
  for (const measure of MEASURES) {
    const { total, errorBound, keys } = summaries[measure]
    writer.real(total)
    writer.real(errorBound)
    writer.whole(keys.length)
    for (const { key, label, estimate, error } of keys) {
      writer.text(key)
      writer.text(label)
      writer.real(estimate)
      writer.real(error)
    }
  }
  writer.real(summaries.sample)
  return deflateRawSync(writer.finish())
}

/** Throws when it is damaged. */
export function unpackSummaries(bytes: Uint8Array): Summaries {
  const reader = new ByteReader(inflateRawSync(bytes, { maxOutputLength: LARGEST_BYTES }))
  const summaries = MEASURES.map((measure) => {
    const [total, errorBound] = [reader.real(), reader.real()]
    const keys: Counted[] = []
    for (let left = reader.whole(); left > 0; left--)
      keys.push({ key: reader.text(), label: reader.text(), estimate: reader.real(), error: reader.real() })
    return [measure, { total, errorBound, keys }] as const
  })
  return { ...(Object.fromEntries(summaries) as unknown as Record<HeavyHitterMeasure, Summary>), sample: reader.real() }
}
