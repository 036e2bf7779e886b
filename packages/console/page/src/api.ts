import type { SessionInfo, WireError, WireInspection } from '../../src/wire.js'

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

/** Loads the page anew; whoever may not see it is shown the way in instead. */
export function enter(): void {
  location.replace(base === '' ? '/' : base)
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`${base}/api/${path}`, {
    headers: { Accept: 'application/json' },
    signal: signal ?? null,
  })
  if (response.ok) return (await response.json()) as T
  const body = (await response.json().catch(() => undefined)) as WireError | undefined
  throw new ApiError(response.status, body?.error?.message ?? `The console answered with ${response.status}`)
}
