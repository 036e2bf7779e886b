import type { Action, ActionTarget } from '../wire.js'

/** The body of a request is not what it must be; the message names the field, what it wants and what it got. */
export class BadBody extends Error {
  override readonly name = 'BadBody'
}

const MAX_NAME = 2_048
const MAX_REASON = 500
const MAX_KEYS = 1_000
const WEEK_MS = 7 * 24 * 3_600_000
const TARGETS = ['key', 'tag', 'pattern', 'regex'] as const

/**
 * The action that a request's body names under `action`, field by field: nothing that was not asked for gets through.
 */
export function parseAction(given: unknown): Action {
  const fields = object('action', given)
  switch (fields.type) {
    case 'invalidate':
      return {
        type: 'invalidate',
        target: targetIn(object('action.target', fields.target)),
        mode: oneOf('action.mode', fields.mode ?? 'delete', ['delete', 'expire']),
      }
    case 'clear':
      return { type: 'clear' }
    case 'warm':
      return parseWarm(fields)
    case 'bypass':
      return parseBypass(fields)
    case 'silence':
      return {
        type: 'silence',
        alert: text('action.alert', fields.alert, MAX_NAME),
        durationMs: whole('action.durationMs', fields.durationMs, WEEK_MS),
      }
    case 'unsilence':
      return { type: 'unsilence', silence: text('action.silence', fields.silence, MAX_NAME) }
    default:
      throw wrong('action.type', 'invalidate, clear, warm, bypass, silence or unsilence', fields.type)
  }
}

export function parseReason(given: unknown): string {
  return text('reason', given, MAX_REASON).trim() === ''
    ? refuse('reason', 'a few words', '')
    : (given as string).trim()
}

export function object(name: string, given: unknown): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong(name, 'an object', given)
  return given as Record<string, unknown>
}

export function text(name: string, given: unknown, most: number): string {
  if (typeof given !== 'string' || given === '') throw wrong(name, 'text that is not empty', given)
  if (given.length > most) throw wrong(name, `at most ${most} characters`, `${given.length}`)
  return given
}

function parseBypass(fields: Record<string, unknown>): Action {
  const tier = oneOf('action.tier', fields.tier, ['memory', 'remote'])
  const on = oneOf('action.on', fields.on, [true, false])
  const scope = oneOf('action.scope', fields.scope ?? 'node', ['node', 'fleet'])
  const lasting = scope === 'fleet' && on
  if (!lasting && fields.durationMs !== undefined)
    throw wrong('action.durationMs', 'nothing: only a bypass of the fleet has an end', fields.durationMs)
  return {
    type: 'bypass',
    tier,
    on,
    scope,
    ...(lasting && { durationMs: whole('action.durationMs', fields.durationMs, WEEK_MS) }),
  }
}

function parseWarm(fields: Record<string, unknown>): Action {
  const definition = text('action.definition', fields.definition, MAX_NAME)
  if (fields.keys === undefined)
    return { type: 'warm', definition, top: whole('action.top', fields.top ?? 100, MAX_KEYS) }
  if (!Array.isArray(fields.keys) || fields.keys.length === 0 || fields.keys.length > MAX_KEYS)
    throw wrong('action.keys', `1 to ${MAX_KEYS} keys`, fields.keys)
  return {
    type: 'warm',
    definition,
    keys: fields.keys.map((key, index) => text(`action.keys[${index}]`, key, MAX_NAME)),
  }
}

function targetIn(fields: Record<string, unknown>): ActionTarget {
  const named = TARGETS.filter((name) => fields[name] !== undefined)
  const [name, ...others] = named
  if (name === undefined || others.length > 0)
    throw wrong('action.target', `exactly one of ${TARGETS.join(', ')}`, named.join(' and '))
  return { [name]: text(`action.target.${name}`, fields[name], MAX_NAME) } as ActionTarget
}

function whole(name: string, given: unknown, most: number): number {
  if (!Number.isSafeInteger(given) || (given as number) < 1 || (given as number) > most)
    throw wrong(name, `a whole number from 1 to ${most}`, given)
  return given as number
}

function oneOf<const T extends string | boolean>(name: string, given: unknown, wanted: readonly T[]): T {
  const found = wanted.find((one) => one === given)
  if (found === undefined) throw wrong(name, wanted.join(' or '), given)
  return found
}

function refuse(name: string, wanted: string, got: unknown): never {
  throw wrong(name, wanted, got)
}

function wrong(name: string, wanted: string, got: unknown): BadBody {
  const shown = got === undefined ? 'nothing' : (JSON.stringify(got) ?? typeof got)
  return new BadBody(`${name}: expected ${wanted}, got ${shown.length > 60 ? `${shown.slice(0, 59)}…` : shown}`)
}
