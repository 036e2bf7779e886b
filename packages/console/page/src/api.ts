import type { Action, ActionPreview, ActionRecord, SessionInfo, WireError, WireInspection } from '../../src/wire.js'

/** The path that the console is mounted at, as the server wrote it into the page. */
export const base = document.querySelector<HTMLMetaElement>('meta[name="console-base"]')?.content ?? ''

/** The API answered, but not with what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

export function fetchSession(): Promise<SessionInfo> {
  return get<SessionInfo>('session')
}

export function inspectKey(key: string, signal: AbortSignal): Promise<WireInspection> {
  return get<WireInspection>(`inspect?key=${encodeURIComponent(key)}`, signal)
}

export async function signOut(session: SessionInfo): Promise<void> {
  await fetch(`${base}/sign-out`, { method: 'POST', headers: { 'x-csrf-token': session.csrf } })
  enter()
}

/**
 * Loads the page anew, at the view that it shows; whoever may not see it is shown the way in instead, and comes back to
 * it.
 */
export function enter(): void {
  location.reload()
}

/** What the action would do, with the token that confirms it. */
export function previewAction(session: SessionInfo, action: Action): Promise<ActionPreview> {
  return post<ActionPreview>(session, 'actions/preview', { action })
}

export function runAction(session: SessionInfo, preview: ActionPreview, reason: string): Promise<ActionRecord> {
  return post<ActionRecord>(session, 'actions', { action: preview.action, confirm: preview.confirm, reason })
}

async function post<T>(session: SessionInfo, path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': session.csrf }
  return answerOf<T>(await fetch(`${base}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`${base}/api/${path}`, {
    headers: { Accept: 'application/json' },
    signal: signal ?? null,
  })
  return answerOf<T>(response)
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T
  const body = (await response.json().catch(() => undefined)) as WireError | undefined
  throw new ApiError(response.status, body?.error?.message ?? `The console answered with ${response.status}`)
}
