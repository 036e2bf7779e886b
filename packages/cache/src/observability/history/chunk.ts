import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ByteReader, ByteWriter } from './bytes.js'
import { FrameSum } from './frame.js'
import { addFrame } from './frame-codec.js'
import type { Frame, SeriesShape } from './series.js'

/** What a process publishes of a series at a time: the frames of some neighbouring intervals, compressed. */

/** More than any chunk holds; what unpacks to more was not packed by us. */
const LARGEST_CHUNK_BYTES = 16 * 1_048_576

export function chunkMs({ widthMs, perChunk }: SeriesShape): number {
  return widthMs * perChunk
}

export function chunkStart(shape: SeriesShape, at: number): number {
  return Math.floor(at / chunkMs(shape)) * chunkMs(shape)
}

export function chunkTopic({ resolution }: SeriesShape, start: number): string {
  return `history.${resolution}.${start}`
}

export function packChunk(frames: readonly Frame[]): Uint8Array {
  const writer = new ByteWriter()
  for (const { bytes } of frames) writer.block(bytes)
  return deflateRawSync(writer.finish())
}

/** Throws when it is damaged, or of another version. */
export function unpackChunk(bytes: Uint8Array): Frame[] {
  const reader = new ByteReader(inflateRawSync(bytes, { maxOutputLength: LARGEST_CHUNK_BYTES }))
  const frames: Frame[] = []
  // Read to its end here, so that one damaged part is left out and does not spoil a sum.
  const scratch = new FrameSum()
  while (!reader.done) {
    const bytes = reader.block()
    frames.push({ ...addFrame(bytes, scratch), bytes })
  }
  return frames
}
