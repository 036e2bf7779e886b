import { createHmac, randomBytes } from 'node:crypto'
import type { Credentials } from '../options.js'
import type { Role } from '../wire.js'
import { verifyPassword } from './password-hash.js'
import { sameText } from './sessions.js'

/** What somebody gave to prove who they are. */
export interface Given {
  readonly token?: string
  readonly username?: string
  readonly password?: string
}

/** Somebody whom the configuration knows. */
export interface Account {
  readonly name: string
  readonly role: Role
}

const REMEMBERED = 100

/**
 * The accounts of the configuration. All of them are compared always, so that the time tells neither which name exists
 * nor what was wrong. A password that matched its hash is remembered by a keyed digest: programs send it with every
 * call, and the hash is made to be slow.
 */
export class Accounts {
  readonly #all: readonly (Credentials & { readonly account: Account })[]
  readonly #digestKey = randomBytes(32)
  readonly #verified = new Map<string, string>()

  constructor(credentials: readonly Credentials[]) {
    this.#all = credentials.map((one) => ({ ...one, account: accountOf(one) }))
  }

  get fields(): readonly ('username' | 'password' | 'token')[] {
    const byToken = this.#all.some((one) => 'token' in one)
    const byName = this.#all.some((one) => 'username' in one)
    return [...(byName ? (['username', 'password'] as const) : []), ...(byToken ? (['token'] as const) : [])]
  }

  async find(given: Given): Promise<Account | undefined> {
    const matching = await Promise.all(this.#all.map((one) => this.#matches(one, given)))
    const index = matching.indexOf(true)
    return this.#all[index]?.account
  }

  async #matches(one: Credentials, given: Given): Promise<boolean> {
    if ('token' in one) return sameText(given.token ?? '', one.token)
    const username = sameText(given.username ?? '', one.username)
    const password =
      'password' in one
        ? sameText(given.password ?? '', one.password)
        : await this.#matchesHash(given.password ?? '', one.passwordHash)
    return username && password
  }

  async #matchesHash(password: string, stored: string): Promise<boolean> {
    const digest = createHmac('sha256', this.#digestKey).update(password).digest('base64url')
    if (this.#verified.get(digest) === stored) return true
    if (!(await verifyPassword(password, stored))) return false
    if (this.#verified.size >= REMEMBERED) this.#verified.clear()
    this.#verified.set(digest, stored)
    return true
  }
}

function accountOf(one: Credentials): Account {
  const role = one.role ?? 'operator'
  return { name: 'token' in one ? (one.name ?? role) : one.username, role }
}
