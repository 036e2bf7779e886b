import type { AlertsView } from '@tableforge/cache'
import type { WireHealth } from '../wire.js'
import { CliError, EXIT, SilentTier } from './exit-codes.js'
import type { Figures, Source, TrailLine } from './source.js'

/** How a cache is at one moment, from everything that can be asked. */
export interface Picture {
  readonly at: number
  /** `null`: not known. */
  readonly figures: Figures | null
  readonly health: WireHealth
  readonly trail: readonly TrailLine[]
  readonly alerts: AlertsView | undefined
  /** What is not in the picture, and why. */
  readonly missing: readonly string[]
}

export interface PictureQuery {
  readonly windowMs: number
  /** The last so many invalidations. */
  readonly trail: number
}

/** What only the remote tier knows is missing while that is away; the rest is shown all the same. */
export async function takePicture(source: Source, { windowMs, trail }: PictureQuery): Promise<Picture> {
  const missing: string[] = []
  const unless = async <T>(asked: Promise<T>, instead: (error: SilentTier) => Promise<T> | T): Promise<T> => {
    try {
      return await asked
    } catch (error) {
      if (error instanceof SilentTier) return instead(error)
      throw error
    }
  }
  const [figures, health, lines, alerts] = await Promise.all([
    unless<Figures | null>(source.figures({ windowMs, scope: 'fleet' }), async ({ reason }) => {
      const own = await ownFigures(source, windowMs)
      const whose = own === null ? 'no figures' : 'figures of the node that is asked alone'
      missing.push(`${whose}: the remote tier does not answer (${reason})`)
      return own
    }),
    source.health(),
    unless<readonly TrailLine[]>(source.trail(trail), ({ message }) => {
      missing.push(`no invalidations: ${message}`)
      return []
    }),
    unless<AlertsView | undefined>(alertsOf(source), ({ message }) => {
      missing.push(`no alerts: ${message}`)
      return undefined
    }),
  ])
  return { at: Date.now(), figures, health, trail: lines, alerts, missing }
}

/** Redis itself has no node of its own to tell of. */
async function ownFigures(source: Source, windowMs: number): Promise<Figures | null> {
  return source.figures({ windowMs, scope: 'node' }).catch((error: unknown) => {
    if (error instanceof CliError && error.exitCode === EXIT.usage) return null
    throw error
  })
}

/** A cache that judges nothing, and Redis itself, have no alerts. */
async function alertsOf(source: Source): Promise<AlertsView | undefined> {
  return source.alerts().catch((error: unknown) => {
    if (error instanceof CliError && !(error instanceof SilentTier) && error.exitCode === EXIT.notKnown)
      return undefined
    throw error
  })
}
