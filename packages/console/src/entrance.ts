import type { Refusal, SignInForm } from './access/gate.js'
import type { PageFiles } from './page-files.js'

/** The page for whoever is not let in: a form to sign in with, or the plain reason. Works without scripts. */
export function entrancePage(
  files: PageFiles,
  basePath: string,
  form: SignInForm | undefined,
  refusal: Refusal | undefined,
): Response {
  const slot = form === undefined ? reasonFor(refusal) : formFor(form, basePath, refusal)
  const html =
    files.document('entrance.html', slot) ?? `<!doctype html><html lang="en"><title>Cache console</title>${slot}`
  return new Response(html, {
    status: refusal?.status ?? 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      ...(refusal?.retryAfterMs === undefined
        ? {}
        : { 'Retry-After': String(Math.ceil(refusal.retryAfterMs / 1_000)) }),
    },
  })
}

function reasonFor(refusal: Refusal | undefined): string {
  const url = refusal?.signInUrl
  const way = url === undefined ? '' : `<p><a href="${escapeHtml(url)}">Sign in</a></p>`
  return `<h1>Not open to you</h1><p class="reason">${escapeHtml(refusal?.message ?? '')}</p>${way}`
}

const LABELS = { username: 'Name', password: 'Password', token: 'Token' } as const
const AUTOCOMPLETE = { username: 'username', password: 'current-password', token: 'current-password' } as const

function formFor(form: SignInForm, basePath: string, refusal: Refusal | undefined): string {
  const failed = refusal !== undefined && refusal.code !== 'unauthenticated'
  const message = failed ? `<p class="problem" role="alert" id="problem">${escapeHtml(refusal.message)}</p>` : ''
  // With both ways on one form, either will do.
  const required = form.fields.includes('username') && form.fields.includes('token') ? '' : ' required'
  const inputs = form.fields.map((field, index) => {
    const described = failed ? ' aria-invalid="true" aria-describedby="problem"' : ''
    const focus = index === 0 ? ' autofocus' : ''
    return `<label for="${field}">${LABELS[field]}</label><input id="${field}" name="${field}" type="${field === 'username' ? 'text' : 'password'}" autocomplete="${AUTOCOMPLETE[field]}" autocapitalize="none" spellcheck="false"${required}${described}${focus}>`
  })
  return `<h1>Sign in</h1>${message}<form method="post" action="${basePath}/sign-in">${inputs.join('')}<button type="submit">Sign in</button></form>`
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
