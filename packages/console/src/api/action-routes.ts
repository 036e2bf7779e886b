import type { TrailQuery } from '@tableforge/cache/invalidation'
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { KEPT_ACTIONS } from '../actions/actions.js'
import { BadBody, object, parseAction, parseReason, text } from '../actions/parse.js'
import { auditText } from '../audit-text.js'
import { wireAudit } from '../recording/audit-feed.js'
import type { ApiContext, ConsoleEnvironment } from './context.js'
import { failure } from './failure.js'
import { choiceParameter, countParameter, readQuery } from './query.js'

const MAX_BODY = 256 * 1_024
const MAX_CONFIRMATION = 200

/** What operators do, and what was done: viewers may read the latter. */
export function actionRoutes(
  api: Hono<ConsoleEnvironment>,
  { actions, recorder, logger }: Pick<ApiContext, 'actions' | 'recorder' | 'logger'>,
): void {
  api.get('/actions', (context) => {
    const { limit } = readQuery(context.req.url, ['limit'])
    return context.json({ actions: actions.last(countParameter('limit', limit, KEPT_ACTIONS)) })
  })
  api.get('/audit', (context) => {
    const query = readQuery(context.req.url, ['event', 'actor', 'key', 'tag', 'outcome', 'search', 'limit'])
    const { event, actor, key, tag, outcome } = query
    const limit = countParameter('limit', query.limit ?? '100', 1_000)
    const search = query.search?.toLowerCase()
    const wanted: TrailQuery = {
      // What is searched for may lie anywhere in the trail.
      limit: search === undefined ? limit : Number.MAX_SAFE_INTEGER,
      ...(event === undefined ? {} : { event }),
      ...(actor === undefined ? {} : { actor }),
      ...(key === undefined ? {} : { key }),
      ...(tag === undefined ? {} : { tag }),
      ...(outcome === undefined ? {} : { outcome: choiceParameter('outcome', outcome, ['done', 'failed'], 'done') }),
    }
    const records = actions.invalidator.trail(wanted).map(wireAudit)
    const found = search === undefined ? records : records.filter((record) => auditText(record).includes(search))
    return context.json({ records: found.slice(0, limit) })
  })

  const limited = bodyLimit({
    maxSize: MAX_BODY,
    onError: () => failure(413, 'too-large', `A body takes at most ${MAX_BODY} bytes`),
  })
  api.post('/actions/preview', limited, operatorsOnly, async (context) => {
    readQuery(context.req.url, [])
    const body = await bodyOf(context)
    return context.json(await actions.preview(parseAction(body.action), context.var.visitor))
  })
  api.post('/actions', limited, operatorsOnly, async (context) => {
    readQuery(context.req.url, [])
    const body = await bodyOf(context)
    const confirm = text('confirm', body.confirm, MAX_CONFIRMATION)
    const reason = parseReason(body.reason)
    const { visitor } = context.var
    const record = await actions.run(parseAction(body.action), visitor, reason, confirm, () => recorder.tick)
    return context.json(record)
  })

  async function operatorsOnly(context: Context<ConsoleEnvironment>, next: () => Promise<void>) {
    const { visitor } = context.var
    if (visitor.role === 'operator') return next()
    logger?.warn({ name: visitor.name, path: context.req.path }, 'an action was refused to a viewer')
    return failure(403, 'operators-only', 'Viewers may look at everything; only operators may act.')
  }
}

/** JSON and nothing else: other types can be sent by forms of other sites. */
async function bodyOf(context: Context<ConsoleEnvironment>): Promise<Record<string, unknown>> {
  if (context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    throw new BadBody('content-type: expected application/json')
  const body: unknown = await context.req.json().catch(() => undefined)
  return object('body', body)
}
