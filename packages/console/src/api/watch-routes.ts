import type { HeavyHitterMeasure, Resolution } from '@tableforge/cache'
import type { Hono } from 'hono'
import { watchOf } from '../watched.js'
import type { ApiContext, ConsoleEnvironment } from './context.js'
import { choiceParameter, countParameter, durationParameter, readQuery, scopeParameter } from './query.js'

const RESOLUTIONS = ['1s', '10s', '5m'] as const satisfies readonly Resolution[]
const MEASURES = ['hits', 'misses', 'loadMs', 'bytes'] as const satisfies readonly HeavyHitterMeasure[]

/**
 * What the cache keeps over time and knows of its fleet. All of it is 409 `not-watched` for a cache that keeps nothing.
 */
export function watchRoutes(api: Hono<ConsoleEnvironment>, { cache }: Pick<ApiContext, 'cache'>): void {
  api.get('/fleet', async (context) => {
    readQuery(context.req.url, [])
    return context.json(await watchOf(cache).fleet())
  })
  api.get('/timeline', async (context) => {
    const { resolution, scope } = readQuery(context.req.url, ['resolution', 'scope'])
    const query = {
      resolution: choiceParameter('resolution', resolution, RESOLUTIONS, '10s'),
      ...scopeParameter(scope),
    }
    return context.json(await watchOf(cache).history(query))
  })
  api.get('/figures', async (context) => {
    const { window, scope } = readQuery(context.req.url, ['window', 'scope'])
    const query = { window: durationParameter('window', window) ?? 300_000, ...scopeParameter(scope) }
    return context.json(await watchOf(cache).figures(query))
  })
  api.get('/trends', async (context) => {
    const { scope } = readQuery(context.req.url, ['scope'])
    return context.json({ trends: await watchOf(cache).trends(scopeParameter(scope)) })
  })
  api.get('/report', async (context) => {
    const { window, scope } = readQuery(context.req.url, ['window', 'scope'])
    const given = durationParameter('window', window)
    return context.json(
      await watchOf(cache).report({ ...(given === undefined ? {} : { window: given }), ...scopeParameter(scope) }),
    )
  })
  api.get('/alerts', async (context) => {
    readQuery(context.req.url, [])
    return context.json(await watchOf(cache).alerts())
  })
  api.get('/top', async (context) => {
    const { by, limit, definition, scope } = readQuery(context.req.url, ['by', 'limit', 'definition', 'scope'])
    return context.json(
      await watchOf(cache).heavyHitters({
        by: choiceParameter('by', by, MEASURES, 'hits'),
        limit: countParameter('limit', limit ?? '20', 200),
        ...(definition === undefined ? {} : { definition }),
        ...scopeParameter(scope),
      }),
    )
  })
}
