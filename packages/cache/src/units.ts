import { invalidOption } from './errors.js'

/** Milliseconds, or a number with a unit: `'250ms'`, `'5s'`, `'1.5m'`, `'6h'`, `'7d'`. `Infinity` never ends. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** Bytes, or a number with a unit (powers of 1,024): `'512b'`, `'64kb'`, `'256mb'`, `'2gb'`. Case is ignored. */
export type Size = number | `${number}${'b' | 'kb' | 'mb' | 'gb' | 'B' | 'KB' | 'MB' | 'GB'}`

const DURATION_UNITS = new Map(Object.entries({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }))
const SIZE_UNITS = new Map(Object.entries({ b: 1, kb: 1_024, mb: 1_048_576, gb: 1_073_741_824 }))
const QUANTITY = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i

/** A duration in milliseconds; throws a `CacheError` that names the option. */
export function milliseconds(name: string, duration: Duration): number {
  const value = quantity(duration, DURATION_UNITS)
  if (value === undefined || value < 0) {
    throw invalidOption(
      name,
      duration,
      "a duration (a number of milliseconds, or a string such as '250ms', '5s', '5m', '1h', '7d')",
    )
  }
  return value
}

/** A size in bytes; throws a `CacheError` that names the option. */
export function byteCount(name: string, size: Size): number {
  const value = quantity(size, SIZE_UNITS)
  if (value === undefined || value < 0) {
    throw invalidOption(name, size, "a size (a number of bytes, or a string such as '64kb', '256mb', '2gb')")
  }
  return value
}

function quantity(input: unknown, units: ReadonlyMap<string, number>): number | undefined {
  if (typeof input === 'number') return Number.isNaN(input) ? undefined : input
  if (typeof input !== 'string') return undefined
  const [, amount, unit] = QUANTITY.exec(input.trim()) ?? []
  const scale = unit === undefined ? undefined : units.get(unit.toLowerCase())
  return scale === undefined ? undefined : Number(amount) * scale
}
