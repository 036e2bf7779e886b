/** Makes bytes fewer. Its id is written into the envelope. */
export interface Compressor {
  /** 1 to 15. */
  readonly id: number
  /** For figures and messages. */
  readonly name: string
  compress(bytes: Uint8Array): Uint8Array
  /** Throws when the result would be larger than `maxBytes`, before it has been built. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** What a stored byte is worth in nanoseconds: written once, read a few times, over a line of 1 Gbit/s. */
const NS_PER_STORED_BYTE = 20
/** Values of a kind between two looks at what another compressor, or none, would do. */
const LOOK_EVERY = 64
/** Values that a look takes. */
const LOOKS = 4
/** A compressor whose code has hardly run is slow: until it has been measured this often, its time says nothing. */
const TRUSTED = 16
/** Weight of the newest measurement. */
const WEIGHT = 1 / 4
/** Kinds that are told apart; further ones are one. */
const MAX_KINDS = 256
/** Less than an eighth saved is not worth the time that each reader would spend on decompressing. */
const LEAST_SAVED = 8

/** What one compressor did for the values of a kind: bytes kept of each raw byte, and nanoseconds for it. */
export interface CompressionFigures {
  readonly name: string
  readonly ratio: number
  readonly nsPerByte: number
}

export interface Packed {
  readonly compressor: Compressor
  readonly bytes: Uint8Array
}

/** For one kind of value. An index of -1 is to store it as it is. */
interface Kind {
  readonly figures: (CompressionFigures | undefined)[]
  /** How often each candidate was measured. */
  readonly times: number[]
  chosen: number
  values: number
}

/**
 * Chooses by measurement, for each kind of value, what compresses it, if anything. Four of 64 values are also
 * compressed by another candidate, in turn; what costs least counts, time and stored bytes taken together. Values that
 * do not become smaller by an eighth are stored as they are, and a kind whose values do not is left alone until the
 * next look.
 */
export class CompressionChoice {
  readonly #candidates: readonly Compressor[]
  readonly #monotonic: () => number
  readonly #kinds = new Map<string, Kind>()

  /** The first candidate is what compresses until there are measurements. */
  constructor(candidates: readonly Compressor[], monotonic: () => number) {
    this.#candidates = candidates
    this.#monotonic = monotonic
  }

  /** The value compressed, or `undefined` when it is better stored as it is. */
  pack(raw: Uint8Array, kindName: string): Packed | undefined {
    if (this.#candidates.length === 0) return undefined
    const kind = this.#kindOf(kindName)
    const look = kind.values++ % LOOK_EVERY
    // The chosen one is measured at the beginning of each round, another candidate in the middle of it.
    if (this.#candidates.length > 1 && look >= LOOK_EVERY / 2 && look < LOOK_EVERY / 2 + LOOKS)
      this.#measure(kind, this.#other(kind), raw)
    if (look < LOOKS || kind.values <= TRUSTED) {
      const index = Math.max(0, kind.chosen)
      return this.#packed(index, this.#measure(kind, index, raw), raw)
    }
    if (kind.chosen < 0) return undefined
    return this.#packed(kind.chosen, this.#candidates[kind.chosen]!.compress(raw), raw)
  }

  /** What is known of a kind, and which compressor it has: `none` when nothing pays. */
  figures(kindName: string): { readonly chosen: string; readonly measured: readonly CompressionFigures[] } {
    const kind = this.#kinds.get(kindName)
    const chosen = this.#candidates[kind?.chosen ?? 0]?.name ?? 'none'
    return { chosen, measured: (kind?.figures ?? []).filter((one) => one !== undefined) }
  }

  #kindOf(name: string): Kind {
    const known = this.#kinds.get(name)
    if (known !== undefined) return known
    if (this.#kinds.size >= MAX_KINDS && name !== '') return this.#kindOf('')
    const { length } = this.#candidates
    const kind: Kind = {
      figures: new Array(length).fill(undefined),
      times: new Array(length).fill(0),
      chosen: 0,
      values: 0,
    }
    this.#kinds.set(name, kind)
    return kind
  }

  /** The candidates take turns. */
  #other({ chosen, values }: Kind): number {
    const turn = Math.floor(values / LOOK_EVERY) % this.#candidates.length
    return turn === chosen ? (turn + 1) % this.#candidates.length : turn
  }

  #measure(kind: Kind, index: number, raw: Uint8Array): Uint8Array {
    const compressor = this.#candidates[index]!
    const startedAt = this.#monotonic()
    const bytes = compressor.compress(raw)
    const nsPerByte = ((this.#monotonic() - startedAt) * 1e6) / raw.length
    const ratio = Math.min(1, bytes.length / raw.length)
    const before = kind.figures[index]
    const mean = (old: number, now: number) => old + (now - old) * WEIGHT
    // A process that was not scheduled looks like a slow compressor: the faster of two times is nearer to the truth.
    kind.figures[index] = {
      name: compressor.name,
      ratio: before === undefined ? ratio : mean(before.ratio, ratio),
      nsPerByte: before === undefined ? nsPerByte : Math.min(nsPerByte, mean(before.nsPerByte, nsPerByte)),
    }
    kind.times[index]!++
    kind.chosen = this.#cheapest(kind)
    return bytes
  }

  #cheapest({ figures, times }: Kind): number {
    let chosen = -1
    let least = NS_PER_STORED_BYTE
    for (const [index, measured] of figures.entries()) {
      if (measured === undefined || measured.ratio > 1 - 1 / LEAST_SAVED) continue
      const isTrusted = times[index]! >= TRUSTED
      // The first stands until its time is known, the others only from then on.
      if (!isTrusted && index > 0) continue
      const cost = (isTrusted ? measured.nsPerByte : 0) + measured.ratio * NS_PER_STORED_BYTE
      if (cost >= least) continue
      least = cost
      chosen = index
    }
    return chosen
  }

  #packed(index: number, bytes: Uint8Array, raw: Uint8Array): Packed | undefined {
    // Four bytes say how long it was.
    if (bytes.length + 4 > raw.length - Math.floor(raw.length / LEAST_SAVED)) return undefined
    return { compressor: this.#candidates[index]!, bytes }
  }
}
