const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })

/** `'3 min. ago'`, `'yesterday'`, `'just now'`. */
export function ago(at: number, now = Date.now()): string {
  for (const [unit, length] of units) {
    if (now - at >= length) return relative.format(-Math.floor((now - at) / length), unit)
  }
  return 'just now'
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
export const timeOfDay = (at: number): string => clock.format(at)
