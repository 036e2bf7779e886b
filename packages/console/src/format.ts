const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const two = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })

/** A number as a person reads it: `1,240`, `48.2 k`, `3.1 M`; one decimal below ten, two figures below one. */
export function amount(value: number): string {
  if (value >= 1e6) return `${one.format(value / 1e6)} M`
  if (value >= 1e5) return `${one.format(value / 1e3)} k`
  if (Math.abs(value) < 1) return two.format(value)
  return value < 10 ? one.format(value) : whole.format(value)
}

export function count(value: number): string {
  return value >= 1e7 ? amount(value) : whole.format(value)
}

/** A share in percent, rounded, but never up to 100 or down to 0: those words are kept for what is exactly so. */
export function percent(share: number | undefined): string {
  if (share === undefined || Number.isNaN(share)) return '–'
  if (share >= 1) return '100 %'
  if (share > 0 && share < 0.001) return '< 0.1 %'
  return `${Math.min(99.9, Math.round(share * 1_000) / 10).toFixed(1)} %`
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * A duration in the unit that fits: `2.1 µs`, `380 µs`, `14 ms`, `1.2 s`, `4 min`, `2.5 h`. Less than two of a unit are
 * told in the unit below, unless it is one of them exactly: `90 min`, but `1 h`.
 */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  if (ms < 1) return `${threeFigures(ms * 1_000)} µs`
  if (ms < 1_000) return `${threeFigures(ms)} ms`
  if (ms < 2 * MINUTE && ms !== MINUTE) return `${threeFigures(ms / 1_000)} s`
  const minutes = Math.round(ms / MINUTE)
  if (ms < 2 * HOUR && minutes !== 60) return `${whole.format(minutes)} min`
  return ms < 2 * DAY && ms !== DAY ? `${amount(ms / HOUR)} h` : `${amount(ms / DAY)} d`
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10))
  return `${threeFigures(value / 1_024 ** power)} ${units[power]}`
}

export function clockTime(at: number): string {
  return time.format(at)
}

/** A time below an axis: days begin with their date. */
export function axisTime(at: number): string {
  const date = new Date(at)
  return date.getHours() + date.getMinutes() + date.getSeconds() === 0 ? day.format(at) : clockTime(at)
}

/** A time of day, with its date unless that is today's. */
export function moment(at: number, now = Date.now()): string {
  return day.format(at) === day.format(now) ? clockTime(at) : `${day.format(at)}, ${clockTime(at)}`
}

function threeFigures(value: number): string {
  if (value === 0) return '0'
  if (value < 9.95) return value.toFixed(1)
  return whole.format(value)
}
