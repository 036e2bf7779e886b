import type { Watching } from '../watching.js'
import type { ResolvedWatchOptions } from './resolve-watch-options.js'
import type { WatchedCache } from './watch.js'

/** The option that has a cache watched so that it can answer a question. */
type Needed = 'history' | 'alerts' | 'heavyHitters'

/** A cache that is not watched: every question is answered with what to switch on. */
export function unwatched(): Watching {
  const refuse = async (needed: Needed): Promise<never> => {
    const { notWatched } = await import('./watch.js')
    throw notWatched(needed)
  }
  return { ...questions(refuse), enabled: false, close: async () => undefined }
}

/** Begins to watch once its code is loaded, which a cache that is not watched never does. */
export function lazyWatch(cache: WatchedCache, options: ResolvedWatchOptions): Watching {
  const begun = import('./watch.js').then(({ Watch }) => new Watch(cache, options))
  begun.catch((error: unknown) => cache.logger.error({ err: error }, 'the cache could not be watched'))
  return { ...questions(() => begun), enabled: true, close: async () => (await begun).close() }
}

function questions(watch: (needed: Needed) => Promise<Watching>): Omit<Watching, 'enabled' | 'close'> {
  return {
    figures: async (query) => (await watch('history')).figures(query),
    history: async (query) => (await watch('history')).history(query),
    trends: async (query) => (await watch('history')).trends(query),
    fleet: async () => (await watch('history')).fleet(),
    alerts: async () => (await watch('alerts')).alerts(),
    judge: async () => (await watch('alerts')).judge(),
    silence: async (request) => (await watch('alerts')).silence(request),
    unsilence: async (id) => (await watch('alerts')).unsilence(id),
    bypass: async (request) => (await watch('history')).bypass(request),
    endBypass: async (tier) => (await watch('history')).endBypass(tier),
    report: async (query) => (await watch('history')).report(query),
    heavyHitters: async (query) => (await watch('heavyHitters')).heavyHitters(query),
  }
}
