import type { Logger } from '@tableforge/cache'
import type { Gate, Visitor } from '../access/gate.js'
import type { Actions } from '../actions/actions.js'
import type { LiveStreams } from '../live-streams.js'
import type { ConsoleCache } from '../options.js'
import type { Recorder } from '../recording/recorder.js'

/** What the guard in front of the API leaves for it. */
export interface ConsoleEnvironment {
  Variables: { visitor: Visitor }
}

export interface ApiContext {
  readonly cache: ConsoleCache
  readonly recorder: Recorder
  readonly actions: Actions
  readonly streams: LiveStreams
  readonly gate: Gate
  readonly logger: Logger | undefined
}
