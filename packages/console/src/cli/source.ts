import type { AlertsView, Fleet, HeavyHitter, HeavyHitterMeasure, WindowFigures } from '@tableforge/cache'
import type { Action, ActionPreview, ActionRecord, WireHealth, WireInspection, WireStats } from '../wire.js'

/** One line of the trail: an invalidation, and its cause where that is known. */
export interface TrailLine {
  readonly at: number | null
  readonly seq: number | null
  readonly origin: string
  readonly what: readonly string[]
  readonly event: string | null
  readonly actor: string | null
  readonly reason: string | null
  readonly propagated: boolean
}

export interface TopLine {
  readonly key: string
  readonly definition: string
  readonly value: number
  /** How far the value may be from the truth: above it only, or either way where it is of a sample. */
  readonly error: number
}

export interface Top {
  /** Processes that counted; `undefined` when it was looked at in the remote tier itself. */
  readonly nodes: readonly string[] | undefined
  /** The share of the events that was counted; 1 counts each. */
  readonly sample: number
  readonly lines: readonly TopLine[]
}

export function topLine({ key, definition, estimate, error }: HeavyHitter): TopLine {
  return { key, definition, value: estimate, error }
}

/**
 * What to print of figures: of a window over the fleet where history is kept, since the start of one process otherwise.
 */
export type Figures =
  | { readonly of: 'window'; readonly window: WindowFigures }
  | { readonly of: 'process'; readonly stats: WireStats }
  | {
      readonly of: 'redis'
      readonly keys: number
      readonly applied: number
      readonly epoch: string
      readonly byDefinition: Readonly<Record<string, number>>
    }

export interface Preview extends ActionPreview {}

/**
 * Where a command gets its answers: a running console, or Redis itself. A question that it cannot answer is refused
 * with a `CliError` of exit code `notKnown` that says who can; a `SilentTier` when the remote tier is away.
 */
export interface Source {
  /** Shown in headings: what is asked. */
  readonly name: string
  figures(query: { readonly windowMs: number; readonly scope: string }): Promise<Figures>
  top(query: {
    readonly by: HeavyHitterMeasure
    readonly limit: number
    readonly definition: string | undefined
    readonly scope: string
  }): Promise<Top>
  inspect(key: string): Promise<WireInspection>
  health(): Promise<WireHealth>
  fleet(): Promise<Fleet | undefined>
  alerts(): Promise<AlertsView>
  /** The last so many of those that are kept, oldest first. */
  trail(limit: number): Promise<readonly TrailLine[]>
  preview(action: Action): Promise<Preview>
  run(preview: Preview, reason: string): Promise<ActionRecord>
  close(): Promise<void>
}
