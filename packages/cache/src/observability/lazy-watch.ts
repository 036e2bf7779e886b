import type { Watching } from '../watching.js'
import type { ResolvedWatchOptions } from './resolve-watch-options.js'
import type { WatchedCache } from './watch.js'

/** A cache that is not watched: every question is answered with what to switch on. */
export function unwatched(): Watching {
  const refuse = async (): Promise<never> => {
    const { notWatched } = await import('./watch.js')
    throw notWatched('history')
  }
  return { ...questions(refuse), enabled: false, close: async () => undefined }
}

/** Begins to watch once its code is loaded, which a cache that is not watched never does. */
export function lazyWatch(cache: WatchedCache, options: ResolvedWatchOptions): Watching {
  const begun = import('./watch.js').then(({ Watch }) => new Watch(cache, options))
  begun.catch((error: unknown) => cache.logger.error({ err: error }, 'the cache could not be watched'))
  return { ...questions(() => begun), enabled: true, close: async () => (await begun).close() }
}

function questions(watch: () => Promise<Watching>): Omit<Watching, 'enabled' | 'close'> {
  return {
    figures: async (query) => (await watch()).figures(query),
    history: async (query) => (await watch()).history(query),
    trends: async (query) => (await watch()).trends(query),
    fleet: async () => (await watch()).fleet(),
    alerts: async () => (await watch()).alerts(),
    judge: async () => (await watch()).judge(),
    silence: async (request) => (await watch()).silence(request),
    unsilence: async (id) => (await watch()).unsilence(id),
    bypass: async (request) => (await watch()).bypass(request),
    endBypass: async (tier) => (await watch()).endBypass(tier),
    report: async (query) => (await watch()).report(query),
    heavyHitters: async (query) => (await watch()).heavyHitters(query),
  }
}
