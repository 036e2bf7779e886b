import assert from 'node:assert/strict'
import { CacheError, type CacheErrorCode } from '../../errors.js'
import type { CommitResult, LogListener, LogMessage, Operation, RemoteTier } from '../../ports.js'

/** The parts of what a namespace keeps that can be lost one by one, by eviction or by somebody's hand. */
export type LosablePart = 'head' | 'stream' | 'tags' | 'values' | 'leases' | 'structures'

/** Bounds of the tier that is to be opened, small enough to be reached. */
export interface RemoteLimits {
  readonly logLength?: number
  readonly maxTags?: number
}

/** One implementation under test: a backend of its own, and what can happen to it. */
export interface RemoteContractHarness {
  /** A tier on a connection of its own, not yet connected. Tiers of one namespace share what they keep. */
  open(request: { readonly namespace: string; readonly node: string } & RemoteLimits): Promise<RemoteTier> | RemoteTier
  lose(namespace: string, part: LosablePart): Promise<void>
  /** Loses everything of every namespace. */
  flush(): Promise<void>
  /** The backend cannot be reached any more, by anybody. What it keeps may be lost. */
  disconnect(): Promise<void>
  reconnect(): Promise<void>
  close(): Promise<void>
}

/** What a case works with: a namespace of its own, and tiers that are closed after it. */
export interface RemoteContractContext {
  readonly namespace: string
  readonly harness: RemoteContractHarness
  /** A connected tier of the case's namespace, or of one whose name begins with it. */
  open(node?: string, options?: RemoteLimits & { readonly suffix?: string }): Promise<RemoteTier>
}

/** One thing that every remote tier must do. It throws when the implementation does not. */
export interface RemoteContractCase {
  readonly name: string
  run(context: RemoteContractContext): Promise<void>
}

/** Longer than a Sentinel rests that finds its own machine too slow (30 s). */
const DEADLINE_MS = 50_000

/** Waits until the condition holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await holds())) {
    if (performance.now() > deadline) assert.fail(`waited ${DEADLINE_MS} ms until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** A listener that keeps what it hears. */
export async function listen(tier: RemoteTier) {
  const messages: LogMessage[] = []
  const states: ('up' | 'down')[] = []
  const listener: LogListener = {
    message: (message) => messages.push(message),
    up: () => states.push('up'),
    down: () => states.push('down'),
  }
  const unsubscribe = await tier.log.subscribe(listener)
  return { messages, states, unsubscribe }
}

/** Something that looks like an encoded value: three bytes of header, of which the last is its state. */
export function encoded(...content: number[]): Uint8Array {
  return Uint8Array.from([7, 1, 0, ...content])
}

export async function write(
  tier: RemoteTier,
  key: string,
  bytes: Uint8Array,
  expiresInMs = 60_000,
): Promise<CommitResult> {
  return tier.commit({
    origin: 'writer',
    values: [{ key, bytes, expiresInMs }],
    operations: [{ type: 'set', key }],
  })
}

/** Commits operations and returns the seq that they were logged at. */
export async function log(tier: RemoteTier, ...operations: Operation[]): Promise<number> {
  const result = await tier.commit({ origin: 'writer', values: [], operations })
  assert.ok(result.logged)
  return result.position.seq
}

export async function get(tier: RemoteTier, key: string): Promise<number[] | undefined> {
  const [bytes] = await tier.get([key])
  return bytes === undefined ? undefined : [...bytes]
}

export async function scanned(tier: RemoteTier, batch = 100): Promise<string[]> {
  const keys = new Set<string>()
  for await (const batchOfKeys of tier.scan(batch)) for (const key of batchOfKeys) keys.add(key)
  return [...keys].sort()
}

export async function rejectsWith(code: CacheErrorCode, call: () => Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof CacheError, `expected a CacheError, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    return true
  })
}
