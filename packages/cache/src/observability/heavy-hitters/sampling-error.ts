/** Of the standard normal distribution: 95 % lie within so many deviations of the mean. */
const DEVIATIONS = 1.96

/**
 * How far an estimate that was counted by sample and scaled up may be from the truth, either way, in 95 of 100 cases; 0
 * when each event was counted. It is the wider side of the score interval (Wilson, 1927) of a count of rare events, so
 * that it also holds for few of them: of a key that was never drawn, up to 3.8 / `sample` events may have happened.
 */
export function samplingError(estimate: number, sample: number): number {
  const drawn = estimate * sample
  const spread = DEVIATIONS ** 2 * (1 - sample)
  return (spread / 2 + Math.sqrt(spread * (drawn + spread / 4))) / sample
}
