/** One of several, all equally likely. */
export function pick<T>(items: readonly [T, ...T[]]): T
export function pick<T>(items: readonly T[]): T | undefined
export function pick<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)]
}

/**
 * One of several, the first most likely, the n-th 1/n times as likely (Zipf): how people choose among what is listed.
 */
export function pickPopular<T>(items: readonly T[]): T | undefined {
  const total = items.reduce((sum, _, index) => sum + 1 / (index + 1), 0)
  let rest = Math.random() * total
  return items.find((_, index) => {
    rest -= 1 / (index + 1)
    return rest < 0
  })
}

/** One of several with weights. */
export function pickWeighted<T extends { readonly weight: number }>(items: readonly T[]): T {
  let rest = Math.random() * items.reduce((sum, { weight }) => sum + weight, 0)
  const found = items.find(({ weight }) => {
    rest -= weight
    return rest < 0
  })
  return found ?? items[0]!
}

export function chance(probability: number): boolean {
  return Math.random() < probability
}

export function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}

/**
 * How long somebody thinks, in milliseconds: mostly briefly, sometimes long; never below a fifth nor above four times
 * the mean.
 */
export function thinkingTime(meanMs: number): number {
  const exponential = -Math.log(1 - Math.random()) * meanMs
  return Math.min(4 * meanMs, Math.max(meanMs / 5, exponential))
}
