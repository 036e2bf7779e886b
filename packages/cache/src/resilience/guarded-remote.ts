import type { Board, Log, RemoteTier, StructureStore } from '../ports.js'
import type { WriteRefusal } from '../stats.js'
import type { BreakerState } from './breaker.js'
import { Guard, type GuardOptions } from './guard.js'

/** A remote tier that fails instead of keeping anybody waiting, and what became known of it. */
export interface GuardedRemote {
  readonly remote: RemoteTier
  readonly breakerState: BreakerState
  readonly writeRefusal: WriteRefusal | undefined
}

/** Half a millisecond for each further key: a thousand keys are a long answer, not a sick server. */
const MS_PER_KEY = 0.5
/** Values are given time as if on a line of 50 MB/s. */
const BYTES_PER_MS = 50_000
/** A message of the log is shorter than a value, and a snapshot holds at most some hundred patterns. */
const MS_PER_MESSAGE = 0.1
const SNAPSHOT_MS = 50

/**
 * Puts a {@link Guard} around every call of a remote tier. Subscribing and connecting take as long as they take; `scan`
 * is background work with the deadlines of its client.
 */
export function guardRemote(remote: RemoteTier, options: GuardOptions): GuardedRemote {
  const guard = new Guard(remote, options)
  const { structures, board } = remote
  return {
    remote: {
      kind: remote.kind,
      log: guardedLog(remote.log, guard),
      ...guardedValues(remote, guard),
      ...guardedLeases(remote, guard),
      ...(structures && { structures: guardedStructures(structures, guard) }),
      ...(board && { board: guardedBoard(board, guard) }),
      state: () => remote.state(),
      onState: (listener) => remote.onState(listener),
      onLeaseEnd: (listener) => remote.onLeaseEnd(listener),
      connect: () => remote.connect(),
      scan: (batch) => remote.scan(batch),
      close: () => {
        guard.stop()
        return remote.close()
      },
    },
    get breakerState() {
      return guard.breakerState
    },
    get writeRefusal() {
      return guard.writeRefusal
    },
  }
}

type Values = Pick<RemoteTier, 'get' | 'getWithPosition' | 'remainingMs' | 'fill' | 'commit'>
type Leases = Pick<RemoteTier, 'acquire' | 'renew' | 'release' | 'seize'>

function guardedValues(remote: RemoteTier, guard: Guard): Values {
  const reading = (keys: readonly string[]) => guard.reading(forKeys(keys))
  return {
    get: (keys) => guard.call('repeat', 'get', reading(keys), () => remote.get(keys)),
    getWithPosition: (keys) =>
      guard.call('repeat', 'getWithPosition', reading(keys), () => remote.getWithPosition(keys)),
    remainingMs: (key) => guard.call('repeat', 'remainingMs', guard.reading(), () => remote.remainingMs(key)),
    // Not repeated: the first attempt may have ended the lease by which the second is judged.
    fill: (values) => guard.call('once', 'fill', guard.reading(forValues(values)), () => remote.fill(values)),
    // Not repeated: the log would tell of it twice. What could not be sent waits in the recovery queue.
    commit: (commit) =>
      guard.call('once', 'commit', guard.writing(forValues(commit.values)), () => remote.commit(commit)),
  }
}

function guardedLeases(remote: RemoteTier, guard: Guard): Leases {
  return {
    // Not repeated: a lease that the first attempt was granted would look like somebody else's.
    acquire: (key, token, leaseMs, expected) =>
      guard.callForLease({ key, token }, 'once', 'acquire', guard.reading(), () =>
        remote.acquire(key, token, leaseMs, expected),
      ),
    renew: (key, token, leaseMs) =>
      guard.call('repeat', 'renew', guard.writing(), () => remote.renew(key, token, leaseMs)),
    release: (key, token) =>
      guard.callForLease({ key, token }, 'repeat', 'release', guard.writing(), () => remote.release(key, token)),
    seize: (key, token, leaseMs) =>
      guard.call('repeat', 'seize', guard.reading(), () => remote.seize(key, token, leaseMs)),
  }
}

function guardedLog(log: Log, guard: Guard): Log {
  const forMessages = (count: number) => guard.reading(count * MS_PER_MESSAGE)
  return {
    position: () => guard.call('repeat', 'log.position', guard.reading(), () => log.position()),
    snapshot: () => guard.call('repeat', 'log.snapshot', guard.reading(SNAPSHOT_MS), () => log.snapshot()),
    read: (after, limit) => guard.call('repeat', 'log.read', forMessages(limit), () => log.read(after, limit)),
    tags: (names) => guard.call('repeat', 'log.tags', forMessages(names.length), () => log.tags(names)),
    renew: (epoch) => guard.call('once', 'log.renew', guard.writing(), () => log.renew(epoch)),
    retirePatterns: (seqs) =>
      guard.call('repeat', 'log.retirePatterns', guard.writing(), () => log.retirePatterns(seqs)),
    subscribe: (listener) => log.subscribe(listener),
  }
}

function guardedStructures(structures: StructureStore, guard: Guard): StructureStore {
  return {
    readStructures: (ids) =>
      guard.call('repeat', 'readStructures', guard.reading(forKeys(ids)), () => structures.readStructures(ids)),
    writeStructures: (stored) =>
      guard.call('repeat', 'writeStructures', guard.writing(forValues(stored)), () =>
        structures.writeStructures(stored),
      ),
  }
}

function guardedBoard(board: Board, guard: Guard): Board {
  return {
    put: (topic, part, bytes, expiresInMs) =>
      guard.call('repeat', 'board.put', guard.writing(), () => board.put(topic, part, bytes, expiresInMs)),
    read: (topics) => guard.call('repeat', 'board.read', guard.writing(), () => board.read(topics)),
    remove: (topic, part) => guard.call('repeat', 'board.remove', guard.writing(), () => board.remove(topic, part)),
    claim: (chore, holder, leaseMs) =>
      guard.call('repeat', 'board.claim', guard.writing(), () => board.claim(chore, holder, leaseMs)),
  }
}

function forKeys(keys: readonly string[]): number {
  return Math.max(0, keys.length - 1) * MS_PER_KEY
}

function forValues(values: readonly { readonly bytes: Uint8Array }[]): number {
  let bytes = 0
  for (const value of values) bytes += value.bytes.length
  return bytes / BYTES_PER_MS + Math.max(0, values.length - 1) * MS_PER_KEY
}
