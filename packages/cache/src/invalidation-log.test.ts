import { expect, it } from 'vitest'
import { CacheEvents } from './events.js'
import { InvalidationLog } from './invalidation-log.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import { Outbox } from './outbox.js'
import type { CommitResult, LogPosition, Operation, RemoteTier } from './ports.js'
import { createVirtualClock } from './testing/virtual-clock.js'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const tag = (name: string): Operation => ({ type: 'tag', tag: name, mode: 'delete' })

/** A log over a remote tier whose history a test tells, as a failover would change it. */
async function setUp(head: LogPosition) {
  const clock = createVirtualClock()
  const inner = inProcessRemote().open({ namespace: 'ns', node: 'n', clock, logger: quiet })
  const history = { head, commit: (): CommitResult => expect.fail('no commit was expected'), renewed: 0 }
  const account = () => ({ position: history.head, floor: 0, clearedAt: 0, patterns: [] })
  const remote: RemoteTier = {
    kind: 'told',
    log: {
      position: async () => history.head,
      snapshot: async () => account(),
      read: async () => [],
      tags: async () => ({ position: history.head, floor: 0, tags: [] }),
      renew: async () => {
        history.renewed++
        history.head = { epoch: 'renewed', seq: 0, id: '' }
        return history.head
      },
      retirePatterns: async () => {},
      subscribe: async () => async () => {},
    },
    state: () => 'up',
    onState: inner.onState.bind(inner),
    connect: async () => {},
    get: inner.get.bind(inner),
    getWithPosition: inner.getWithPosition.bind(inner),
    remainingMs: inner.remainingMs.bind(inner),
    acquire: inner.acquire.bind(inner),
    renew: inner.renew.bind(inner),
    release: inner.release.bind(inner),
    seize: inner.seize.bind(inner),
    fill: inner.fill.bind(inner),
    commit: async () => history.commit(),
    onLeaseEnd: inner.onLeaseEnd.bind(inner),
    scan: inner.scan.bind(inner),
    close: async () => {},
  }
  const applied: Operation[] = []
  const failures: string[] = []
  const apply = (operations: readonly Operation[]) => applied.push(...operations)
  const events = new CacheEvents((error) => {
    throw error
  })
  const log = new InvalidationLog({
    remote,
    reader: { apply, restart: () => {}, beat: async () => {}, failed: () => {} },
    clock,
    events,
    logger: quiet,
    node: 'n',
    timeoutMs: 100,
    without: { replay: false, heartbeat: false },
  })
  const outbox = new Outbox({
    remote,
    log,
    events,
    node: 'n',
    maxRecovery: 10,
    apply,
    recovered: () => {},
    failed: (operation) => failures.push(operation),
  })
  await log.start()
  return { clock, history, log, outbox, applied, failures }
}

it('an invalidation of its own counts here, although a failover gave it the number of a lost message that was heard', async () => {
  const { clock, history, log, outbox, applied } = await setUp({ epoch: 'e', seq: 1, id: 'one' })
  log.receive({
    epoch: 'e',
    seq: 2,
    id: 'lost',
    prevSeq: 1,
    prevId: 'one',
    origin: 'other',
    operations: [tag('another')],
  })
  history.commit = () => {
    history.head = { epoch: 'e', seq: 2, id: 'kept' }
    return { logged: true, prevSeq: 1, prevId: 'one', position: history.head }
  }
  await outbox.issue({ values: [], operations: [tag('mine')] })
  expect(applied).toContainEqual(tag('mine'))
  await clock.flush()
  expect(history.renewed).toBe(1)
  expect(log.applied.epoch).toBe('renewed')
  await log.close()
})

it('an invalidation of its own is applied once, whether it is heard or acknowledged first', async () => {
  const { history, log, outbox, applied } = await setUp({ epoch: 'e', seq: 0, id: '' })
  for (const seq of [1, 2]) {
    const position = { epoch: 'e', seq, id: `id${seq}` }
    const [prevSeq, prevId] = [seq - 1, seq === 1 ? '' : `id${seq - 1}`]
    const operations = [tag(`t${seq}`)]
    const hear = () => log.receive({ ...position, prevSeq, prevId, origin: 'n', operations })
    history.commit = () => {
      history.head = position
      if (seq === 1) hear()
      return { logged: true, prevSeq, prevId, position }
    }
    await outbox.issue({ values: [], operations })
    if (seq === 2) hear()
  }
  expect(applied).toEqual([tag('t1'), tag('t2')])
  expect(history.renewed).toBe(0)
  await log.close()
})

it('messages that overtake missing ones are kept only up to a bound; then the log counts as lost, and memory is confirmed', async () => {
  const { clock, history, log } = await setUp({ epoch: 'e', seq: 0, id: '' })
  const hear = (seq: number) =>
    log.receive({
      ...{ epoch: 'e', seq, id: `id${seq}`, prevSeq: seq - 1, prevId: `id${seq - 1}` },
      ...{ origin: 'other', operations: [tag('t')] },
    })
  // The first one is missing, and cannot be read again.
  for (let seq = 2; seq <= 10_001; seq++) hear(seq)
  expect(log.stats()).toMatchObject({ applied: 0, losses: 0 })
  history.head = { epoch: 'e', seq: 10_002, id: 'id10002' }
  hear(10_002)
  await clock.flush()
  expect(log.stats()).toMatchObject({ applied: 10_002, losses: 1 })
  expect(log.generation).toBe(1)
  hear(10_003)
  expect(log.stats()).toMatchObject({ applied: 10_003 })
  await log.close()
})

it('an answer that arrives after the end is waited for by nobody', async () => {
  const { history, log, outbox } = await setUp({ epoch: 'e', seq: 0, id: '' })
  history.commit = () => {
    void log.close()
    return { logged: true, prevSeq: 6, prevId: 'id6', position: { epoch: 'e', seq: 7, id: 'id7' } }
  }
  expect(await outbox.issue({ values: [], operations: [tag('t')] })).toMatchObject({ seq: 7 })
})

it('a recovery that is not logged is told each time, and goes on waiting', async () => {
  const { history, log, outbox, failures } = await setUp({ epoch: 'e', seq: 0, id: '' })
  history.commit = () => ({ logged: false, error: new Error('not replicated') })
  await outbox.issue({ values: [], operations: [tag('t')] })
  expect(await outbox.flush()).toBe(false)
  expect(failures).toEqual(['commit', 'recover'])
  expect(outbox.waiting).toBe(1)
  await log.close()
})
