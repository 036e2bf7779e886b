import { CacheError, type Watching } from '@tableforge/cache'
import type { ConsoleCache } from './options.js'

/**
 * The history, fleet, alerts and reports of a cache; throws a `CacheError` of code `not-watched` when it keeps none.
 */
export function watchOf({ watch }: ConsoleCache): Watching {
  if (watch === undefined || !watch.enabled)
    throw new CacheError('not-watched', 'This cache keeps no history: createCache({ history: true }) makes it')
  return watch
}
