import { setTimeout as pause } from 'node:timers/promises'
import { startRedis } from '../../scripts/services/redis.mjs'
import { startProxy, type TcpProxy } from '../../scripts/services/tcp-proxy.mjs'
import type { CacheNode, Contender } from './caches/contender.js'
import { contenders } from './caches/index.js'
import type { Suite } from './harness/suite.js'
import { table } from './harness/table.js'
import { environment, versionOf } from './harness/versions.js'
import { Origin } from './origin.js'

/** How long a stale value is watched before the measurement gives up. */
const WATCH_MS = 10_000
const POLL_MS = 20
const SETTLE_MS = 100
const DEADLINE_MS = 5_000
/** An invalidation that waits for the load under way is given this long before the load may go on. */
const LOCK_PATIENCE_MS = 1_000

/** Two nodes of one contender, each with its own connections to the same Redis. */
interface Pair {
  readonly a: CacheNode
  readonly b: CacheNode
  /** The network of node a. */
  readonly network: TcpProxy
  readonly origin: Origin
}

export interface Outcome {
  readonly contender: string
  readonly scenario: string
  /** What the first read after the invalidation returned, by node. The origin holds v2. */
  readonly returned: Readonly<Record<string, string>>
  /** How long node a served the old value after the invalidation was acknowledged, in milliseconds; 0 when never. */
  readonly staleMs: number
  /** It still did so when the measurement ended. */
  readonly stillStale: boolean
  readonly note?: string
}

type Measured = Omit<Outcome, 'contender' | 'scenario'>

interface Scenario {
  readonly name: string
  readonly about: string
  measure(pair: Pair, contender: Contender): Promise<Measured>
}

const scenarios: readonly Scenario[] = [
  {
    name: 'delete during a load, same node',
    about:
      'Node a loads a key (the load has read v1); the origin becomes v2; node a deletes the key; the load ends. What do later reads of node a return?',
    measure: (pair) => duringLoad(pair, pair.a, ['a']),
  },
  {
    name: 'delete during a load, across nodes',
    about:
      'Node a loads a key (the load has read v1); the origin becomes v2; node b deletes the key; the load ends. What do later reads of both nodes return?',
    measure: (pair) => duringLoad(pair, pair.b, ['a', 'b']),
  },
  {
    name: 'invalidation while a subscriber is disconnected',
    about:
      "Both nodes hold v1 in memory. Node a's connections to Redis are cut; the origin becomes v2; node b deletes the key; as soon as that is acknowledged, node a's network is back. How long does node a serve v1 from memory?",
    measure: lostMessage,
  },
]

async function duringLoad(
  { a, b, origin }: Pair,
  deleting: CacheNode,
  readers: readonly ('a' | 'b')[],
): Promise<Measured> {
  const key = 'during'
  const { begun, release } = origin.hold()
  const underWay = a.read(key)
  await within('the load to begin', begun)
  origin.write(key)
  const deleted = deleting.invalidate(key)
  const waited = await Promise.race([deleted.then(() => false), pause(LOCK_PATIENCE_MS, true)])
  release()
  await within('the invalidation', deleted)
  const acknowledged = performance.now()
  await within('the load', underWay)
  const nodes = { a, b }
  const returned: Record<string, string> = {}
  for (const reader of readers) returned[reader] = await within('a read', nodes[reader].read(key))
  const staleness = await watch(a, key, acknowledged)
  return { returned, ...staleness, ...(waited ? { note: 'the delete waited for the load' } : {}) }
}

async function lostMessage({ a, b, network, origin }: Pair): Promise<Measured> {
  const key = 'lost'
  // One after the other, and again: some caches tell the others to forget what they hold whenever a node loads.
  for (let round = 0; round < 3; round++) {
    for (const node of [a, b]) await within('a read', node.read(key))
    await pause(SETTLE_MS)
  }
  network.refuse()
  origin.write(key)
  await within('the invalidation', b.invalidate(key))
  const acknowledged = performance.now()
  network.heal()
  const returned = { a: await within('a read', a.read(key)), b: await within('a read', b.read(key)) }
  return { returned, ...(await watch(a, key, acknowledged)) }
}

/** Reads until the old value is gone, or the time is over. */
async function watch(node: CacheNode, key: string, since: number): Promise<{ staleMs: number; stillStale: boolean }> {
  let staleMs = 0
  while (performance.now() - since < WATCH_MS) {
    const at = performance.now()
    if ((await within('a read', node.read(key))) !== 'v1') return { staleMs: Math.round(staleMs), stillStale: false }
    staleMs = at - since
    await pause(POLL_MS)
  }
  return { staleMs: Math.round(staleMs), stillStale: true }
}

/**
 * Waits until invalidations of node b reach node a, so that a bus that is still connecting is not held against anybody.
 */
async function busReady({ a, b, origin }: Pair): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  for (let attempt = 0; performance.now() < deadline; attempt++) {
    const key = `bus-${attempt}`
    await Promise.all([a.read(key), b.read(key)])
    origin.write(key)
    await b.invalidate(key)
    for (let poll = 0; poll < 10; poll++) {
      if ((await a.read(key)) === 'v2') return
      await pause(POLL_MS)
    }
  }
  throw new Error(`invalidations did not reach the other node within ${DEADLINE_MS} ms`)
}

async function within<T>(what: string, work: Promise<T>): Promise<T> {
  const deadline = new AbortController()
  try {
    return await Promise.race([
      work,
      pause(DEADLINE_MS, undefined, { signal: deadline.signal }).then(() => {
        throw new Error(`waited ${DEADLINE_MS} ms for ${what}`)
      }),
    ])
  } finally {
    deadline.abort()
  }
}

/** One scenario on an empty Redis of its own. */
async function measure(contender: Contender, scenario: Scenario): Promise<Outcome> {
  await using server = await startRedis()
  await using network = await startProxy(server)
  await using other = await startProxy(server)
  const origin = new Origin()
  const open = ({ host, port }: TcpProxy) => contender.open({ host, port, namespace: 'coherence', load: origin.load })
  const [a, b] = await Promise.all([open(network), open(other)])
  const pair = { a, b, network, origin }
  try {
    if (contender.hasBus) await busReady(pair)
    return { contender: contender.name, scenario: scenario.name, ...(await scenario.measure(pair, contender)) }
  } finally {
    network.heal()
    await Promise.all([a.close(), b.close()])
  }
}

export const coherence: Suite = {
  name: 'coherence',
  about: 'deletes during a load and lost messages: what each cache returns, and for how long',
  async run({ progress }) {
    const outcomes: Outcome[] = []
    for (const contender of contenders) {
      for (const scenario of scenarios) {
        progress(`${contender.name}: ${scenario.name}`)
        outcomes.push(await measure(contender, scenario))
      }
    }
    const versions = Object.fromEntries(
      contenders.flatMap(({ packages }) => packages).map((name) => [name, versionOf(name)]),
    )
    const configurations = Object.fromEntries(contenders.map(({ name, configuration }) => [name, configuration]))
    const about = Object.fromEntries(scenarios.map((scenario) => [scenario.name, scenario.about]))
    return {
      data: {
        suite: 'coherence',
        ...environment(),
        versions,
        watchMs: WATCH_MS,
        scenarios: about,
        configurations,
        outcomes,
      },
      lines: report(outcomes, versions),
    }
  },
}

function report(outcomes: readonly Outcome[], versions: Readonly<Record<string, string>>): string[] {
  const lines: string[] = []
  for (const { name, about } of scenarios) {
    const rows = outcomes
      .filter(({ scenario }) => scenario === name)
      .map(({ contender, returned, staleMs, stillStale, note }) => [
        `${contender} ${versions[contender]}`,
        Object.entries(returned)
          .map(([node, value]) => `${node}: ${value}`)
          .join(', '),
        stillStale ? `still stale after ${(staleMs / 1_000).toFixed(1)} s` : `stale for ${staleMs} ms`,
        note ?? '',
      ])
    lines.push(
      '',
      name,
      about,
      '',
      ...table([['cache', 'first read', 'node a', ''], ...rows]).map((line) => `  ${line}`),
    )
  }
  lines.push('', 'Configured as follows; every ttl is 10 minutes:')
  for (const { name, configuration } of contenders) lines.push(`  ${name}: ${configuration}`)
  return lines.slice(1)
}
