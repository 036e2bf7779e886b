import type { Columns, History, Sample } from '../../src/wire.js'

/** What of a history a picture is drawn from: the whole cache, or one definition. */
export interface Series {
  readonly at: readonly number[]
  readonly durationMs: readonly number[]
  readonly reads: readonly number[]
  readonly memoryHits: readonly number[]
  readonly remoteHits: readonly number[]
  readonly loads: readonly number[]
  readonly errors: readonly number[]
}

/** The reads of the last while: how many, by whom they were answered, and how fast they came. */
export interface Window {
  readonly seconds: number
  readonly reads: number
  readonly memoryHits: number
  readonly remoteHits: number
  readonly loads: number
  readonly errors: number
}

export function seriesOf(history: History, definition: string | undefined): Series {
  const { at, durationMs, total } = history
  if (definition === undefined) {
    const errors = total.loadErrors.map(
      (failed, index) => failed + (total.remoteErrors[index] ?? 0) + (total.damagedValues[index] ?? 0),
    )
    return {
      at,
      durationMs,
      reads: total.reads,
      memoryHits: total.memoryHits,
      remoteHits: total.remoteHits,
      loads: total.loads,
      errors,
    }
  }
  const columns = history.definitions[definition]
  const none = () => at.map(() => 0)
  return columns === undefined
    ? { at, durationMs, reads: none(), memoryHits: none(), remoteHits: none(), loads: none(), errors: none() }
    : { at, durationMs, ...columns }
}

/** The sums over the samples of the last `ms`. */
export function windowOf(series: Series, ms: number): Window {
  const first = firstWithin(series.at, ms)
  const sum = (values: readonly number[]) => values.slice(first).reduce((total, value) => total + value, 0)
  return {
    seconds: sum(series.durationMs) / 1_000,
    reads: sum(series.reads),
    memoryHits: sum(series.memoryHits),
    remoteHits: sum(series.remoteHits),
    loads: sum(series.loads),
    errors: sum(series.errors),
  }
}

export function firstWithin(at: readonly number[], ms: number): number {
  const newest = at.at(-1) ?? 0
  const index = at.findIndex((one) => one > newest - ms)
  return index === -1 ? at.length : index
}

/** `undefined` when nothing was read: there is no rate of nothing. */
export function hitRate(window: Window): number | undefined {
  return window.reads === 0 ? undefined : (window.memoryHits + window.remoteHits) / window.reads
}

export function perSecond(total: number, window: Window): number {
  return window.seconds === 0 ? 0 : total / window.seconds
}

/** Sums over the `size` samples up to each one, so that a share of few reads does not flicker. */
export function rolling(values: readonly number[], size: number): number[] {
  let sum = 0
  return values.map((value, index) => {
    sum += value - (index >= size ? (values[index - size] ?? 0) : 0)
    return sum
  })
}

/** Shares of rolling sums, `null` where nothing was read. */
export function shares(part: readonly number[], whole: readonly number[], size: number): (number | null)[] {
  const wholes = rolling(whole, size)
  return rolling(part, size).map((value, index) =>
    (wholes[index] ?? 0) > 0 ? value / (wholes[index] as number) : null,
  )
}

/** Counts to rates per second. */
export function rates(values: readonly number[], durationMs: readonly number[]): number[] {
  return values.map((value, index) => (value * 1_000) / (durationMs[index] ?? 1_000))
}

/** The history with more samples at its end, and no more than its capacity in all. */
export function extended(history: History, samples: readonly Sample[]): History {
  if (samples.length === 0) return history
  const join = <T>(kept: readonly T[], added: readonly T[]): T[] => [...kept, ...added].slice(-history.capacity)
  const joinColumns = <T extends object>(kept: Columns<T>, added: readonly T[]): Columns<T> =>
    Object.fromEntries(
      (Object.keys(kept) as (keyof T)[]).map((field) => [
        field,
        join(
          kept[field],
          added.map((row) => row[field]),
        ),
      ]),
    ) as Columns<T>
  const names = new Set([
    ...Object.keys(history.definitions),
    ...samples.flatMap((sample) => Object.keys(sample.definitions)),
  ])
  const still = history.at.map(() => 0)
  const nothing = { reads: still, memoryHits: still, remoteHits: still, loads: still, errors: still }
  const pause = { reads: 0, memoryHits: 0, remoteHits: 0, loads: 0, errors: 0 }
  return {
    ...history,
    at: join(
      history.at,
      samples.map((sample) => sample.at),
    ),
    durationMs: join(
      history.durationMs,
      samples.map((sample) => sample.durationMs),
    ),
    total: joinColumns(
      history.total,
      samples.map((sample) => sample.total),
    ),
    gauges: joinColumns(
      history.gauges,
      samples.map((sample) => sample.gauges),
    ),
    heat: join(
      history.heat,
      samples.map((sample) => sample.heat),
    ),
    definitions: Object.fromEntries(
      [...names].map((name) => [
        name,
        joinColumns(
          history.definitions[name] ?? nothing,
          samples.map((sample) => sample.definitions[name] ?? pause),
        ),
      ]),
    ),
  }
}
