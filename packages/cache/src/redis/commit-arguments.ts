import type { Commit, Operation } from '../ports.js'
import type { Argument } from './connection.js'
import type { KeyLayout } from './key-layout.js'
import { randomName } from './random-name.js'
import { messageTail } from './redis-log.js'

/** What happens to one key, as `scripts/commit.ts` takes it. */
export interface KeyStep {
  readonly key: string
  readonly args: readonly Argument[]
}

/** Longer than any entry lives, and still within what Redis can add to its clock. */
const LONGEST_EXPIRY_MS = 2 ** 52

/** The physical expiry as scripts take it: whole milliseconds, '' for never, '0' for already over. */
export function expiryArgument(expiresInMs: number): string {
  if (!(expiresInMs > 0)) return '0'
  return expiresInMs < LONGEST_EXPIRY_MS ? String(Math.ceil(expiresInMs)) : ''
}

/** Values first, then what operations say of other keys, in their order. */
export function keySteps(commit: Commit): KeyStep[] {
  const written = new Set(commit.values.map(({ key }) => key))
  const writes = commit.values.map(({ key, bytes, expiresInMs, token }) => ({
    key,
    args:
      token === undefined
        ? ['write', bytes, expiryArgument(expiresInMs)]
        : ['writeIfLeased', token, bytes, expiryArgument(expiresInMs)],
  }))
  const others = commit.operations.flatMap((operation) => {
    if (operation.type === 'key') return [{ key: operation.key, args: [operation.mode] }]
    // The value was written by an earlier, unlogged attempt: its lease must end all the same.
    if (operation.type === 'set' && !written.has(operation.key)) return [{ key: operation.key, args: ['lease'] }]
    return []
  })
  return [...writes, ...others]
}

export function stepKeys(layout: KeyLayout, steps: readonly KeyStep[]): string[] {
  return steps.flatMap(({ key }) => [layout.value(key), layout.lease(key), layout.waiting(key)])
}

export function stepArguments(layout: KeyLayout, steps: readonly KeyStep[]): Argument[] {
  return [layout.fillChannel, steps.length, ...steps.flatMap(({ args }) => args)]
}

/** What follows the steps: the message, and how it counts in the head and the tag table. */
export function logArguments(
  layout: KeyLayout,
  commit: Commit,
  limits: { readonly logLength: number; readonly maxTags: number },
): { readonly id: string; readonly args: readonly Argument[] } {
  const { operations, origin } = commit
  const id = randomName()
  const patterns = operations.filter((operation) => operation.type === 'pattern')
  const marks = [...new Set(operations.flatMap(tagMark))]
  const args = [
    randomName(),
    id,
    messageTail(id, origin, operations),
    limits.logLength,
    limits.maxTags,
    layout.logChannel,
    operations.some(({ type }) => type === 'clear') ? 'clear' : '',
    patterns.length > 0 ? JSON.stringify(patterns) : '',
    marks.length,
    ...marks,
  ]
  return { id, args }
}

function tagMark(operation: Operation): string[] {
  return operation.type === 'tag' ? [`${operation.mode === 'delete' ? 'd' : 'e'}:${operation.tag}`] : []
}
