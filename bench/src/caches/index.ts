import { asyncCacheDedupe } from './async-cache-dedupe.js'
import { bentocache } from './bentocache.js'
import { cacheManager } from './cache-manager.js'
import { cacheable } from './cacheable.js'
import type { Contender } from './contender.js'
import { layeredLoader } from './layered-loader.js'
import { tableforge } from './tableforge.js'

/** Everybody who is compared, ours first. */
export const contenders: readonly Contender[] = [
  tableforge,
  bentocache,
  cacheable,
  cacheManager,
  asyncCacheDedupe,
  layeredLoader,
]
