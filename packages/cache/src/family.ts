import type { Bulkhead } from './bulkhead.js'
import type { LoadRetries } from './load-retries.js'
import type { ResolvedEntryOptions, StandardSchemaV1 } from './options.js'
import type { Counters } from './ports.js'
import type { WarmIndex } from './warm-entries.js'

/** All that a read or write needs to know of the kind of entry it deals with. */
export interface Family {
  /** The definition's name, which is an implicit tag; '' for calls without a definition. */
  readonly name: string
  readonly options: ResolvedEntryOptions
  readonly counters: Counters
  readonly schema: StandardSchemaV1 | undefined
  readonly bulkhead: Bulkhead
  readonly retries: LoadRetries
  /** Entries that reads without options find without judging them again. */
  readonly warm: WarmIndex
  /** A call that asked for `grace: 0`: it is not answered with a stale value, whatever grace the entry has. */
  readonly refusesStale?: boolean
}
