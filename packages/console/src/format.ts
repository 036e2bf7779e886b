const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

/** A number as a person reads it: `1,240`, `48.2 k`, `3.1 M`; one decimal below ten. */
export function amount(value: number): string {
  if (value >= 1e6) return `${one.format(value / 1e6)} M`
  if (value >= 1e5) return `${one.format(value / 1e3)} k`
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

/** A duration in the unit that fits: `2.1 µs`, `380 µs`, `14 ms`, `1.2 s`, `4 min`, `3 h`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  if (ms < 1) return `${threeFigures(ms * 1_000)} µs`
  if (ms < 1_000) return `${threeFigures(ms)} ms`
  if (ms < 120_000) return `${threeFigures(ms / 1_000)} s`
  if (ms < 7_200_000) return `${whole.format(Math.round(ms / 60_000))} min`
  return ms < 172_800_000
    ? `${whole.format(Math.round(ms / 3_600_000))} h`
    : `${whole.format(Math.round(ms / 86_400_000))} d`
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

function threeFigures(value: number): string {
  if (value === 0) return '0'
  if (value < 9.95) return value.toFixed(1)
  return whole.format(value)
}
