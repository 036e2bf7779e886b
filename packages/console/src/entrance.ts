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
const WAYS = [
  { fields: ['username', 'password'], button: 'Sign in with your name' },
  { fields: ['token'], button: 'Sign in with a token' },
] as const
const AUTOCOMPLETE = { username: 'username', password: 'current-password', token: 'current-password' } as const

function formFor(form: SignInForm, basePath: string, refusal: Refusal | undefined): string {
  const failed = refusal !== undefined && refusal.code !== 'unauthenticated'
  const message = failed ? `<p class="problem" role="alert" id="problem">${escapeHtml(refusal.message)}</p>` : ''
  const described = failed ? ' aria-invalid="true" aria-describedby="problem"' : ''
  // Either way will do: each is a form of its own.
  const ways = WAYS.filter(({ fields }) => fields.every((field) => form.fields.includes(field)))
  const forms = ways.map(({ fields, button }, way) => {
    const inputs = fields.map((field, index) => {
      const focus = way === 0 && index === 0 ? ' autofocus' : ''
      return `<label for="${field}">${LABELS[field]}</label><input id="${field}" name="${field}" type="${field === 'username' ? 'text' : 'password'}" autocomplete="${AUTOCOMPLETE[field]}" autocapitalize="none" spellcheck="false" required${described}${focus}>`
    })
    const label = ways.length > 1 ? button : 'Sign in'
    return `<form method="post" action="${basePath}/sign-in">${inputs.join('')}<button type="submit">${label}</button></form>`
  })
  return `<h1>Sign in</h1>${message}${forms.join('<p class="or"><span>or</span></p>')}`
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
