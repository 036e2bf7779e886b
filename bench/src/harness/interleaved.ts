import { setImmediate } from 'node:timers/promises'
import { significant } from './statistics.js'

interface Measurable {
  readonly name: string
  measure(): Promise<number> | number
}

interface InterleavedOptions {
  readonly rounds: number
  readonly warmUpRounds: number
  readonly progress: (what: string) => void
}

/** What each took in each round. Each round begins with another one, so that drift and order favour nobody. */
export async function measureInterleaved(
  participants: readonly Measurable[],
  { rounds, warmUpRounds, progress }: InterleavedOptions,
): Promise<Record<string, number[]>> {
  const raw: Record<string, number[]> = Object.fromEntries(participants.map(({ name }) => [name, []]))
  if (Object.keys(raw).length < participants.length) {
    throw new Error(`two participants have one name: ${participants.map(({ name }) => name).join(', ')}`)
  }
  for (let round = -warmUpRounds; round < rounds; round++) {
    progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`)
    for (let at = 0; at < participants.length; at++) {
      const participant = participants[(at + round + warmUpRounds) % participants.length] as Measurable
      // A turn of the event loop, which work that only awaits what is there never gives: what is due is done now, not
      // while measured.
      await setImmediate()
      const value = await participant.measure()
      if (!(value >= 0)) throw new Error(`${participant.name} measured ${value}; expected a number of at least 0`)
      if (round >= 0) raw[participant.name]?.push(significant(value))
    }
  }
  return raw
}

/** Nanoseconds per call of work that makes `calls` calls. */
export async function nanosecondsPer(calls: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const startedAt = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - startedAt) / calls
}

/** Calls per second of work that makes `calls` calls. */
export async function perSecond(calls: number, work: () => Promise<unknown> | unknown): Promise<number> {
  return 1e9 / (await nanosecondsPer(calls, work))
}
