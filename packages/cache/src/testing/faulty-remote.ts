import type { RemoteFactory } from '../ports.js'
import { type CallFault, FaultPlan, type FaultProfile } from './fault-plan.js'
import { FaultyTier } from './faulty-tier.js'

/**
 * The handle on what goes wrong. A node is named as in `createCache({ node })`; faults may be ordered before it exists,
 * and outlive it (a node that restarts under its name meets the same network).
 */
export interface Faults {
  /** Commands and subscription. Calls reject with `remote-unavailable`, also those whose reply is still on its way. */
  cut(node: string): void
  cutCommands(node: string): void
  /** Messages are lost until it heals; the cache is told, as a client is by a closed socket. */
  cutSubscription(node: string): void
  /** Ends what {@link cut}, {@link cutCommands} and {@link cutSubscription} began. */
  heal(node: string): void
  /** What happens by chance from now on, in place of what was said before. */
  profile(node: string, profile: FaultProfile): void
  /** The next calls that fit fail before or after their effect, or are slow. */
  nextCall(node: string, fault: CallFault, times?: number): void
  /** The next messages to this node are lost, and nobody is told. */
  dropNext(node: string, times?: number): void
  duplicateNext(node: string, times?: number): void
  /** The next messages arrive so much later, behind those that follow. */
  delayNext(node: string, delayMs: number, times?: number): void
  /** Ends chance and orders for this node, or for all; what is cut stays cut. */
  calm(node?: string): void
}

export interface FaultyRemote extends RemoteFactory {
  readonly faults: Faults
}

export interface FaultyRemoteOptions {
  /** Of everything that happens by chance; each node draws its own sequence. Default 1. */
  readonly seed?: number
}

/**
 * A {@link RemoteFactory} around another in which calls and messages go wrong, node by node, as its handle says.
 * Repeatable by seed.
 */
export function faultyRemote(inner: RemoteFactory, options: FaultyRemoteOptions = {}): FaultyRemote {
  const plans = new Map<string, FaultPlan>()
  const tiers = new Map<FaultPlan, Set<FaultyTier>>()
  const planOf = (node: string): FaultPlan => {
    let plan = plans.get(node)
    if (plan === undefined) {
      plan = new FaultPlan(seedOf(options.seed ?? 1, node))
      plans.set(node, plan)
    }
    return plan
  }
  const change = (node: string, apply: (plan: FaultPlan) => void) => {
    const plan = planOf(node)
    apply(plan)
    for (const tier of tiers.get(plan) ?? []) tier.cutsChanged()
  }
  const repeat = (times: number, order: () => void) => {
    for (let count = 0; count < times; count++) order()
  }
  const faults: Faults = {
    cut: (node) => change(node, (plan) => Object.assign(plan, { commandsCut: true, subscriptionCut: true })),
    cutCommands: (node) => change(node, (plan) => Object.assign(plan, { commandsCut: true })),
    cutSubscription: (node) => change(node, (plan) => Object.assign(plan, { subscriptionCut: true })),
    heal: (node) => change(node, (plan) => Object.assign(plan, { commandsCut: false, subscriptionCut: false })),
    profile(node, profile) {
      planOf(node).profile = profile
    },
    nextCall: (node, fault, times = 1) => repeat(times, () => planOf(node).nextCall(fault)),
    dropNext: (node, times = 1) => repeat(times, () => planOf(node).nextMessage('drop')),
    duplicateNext: (node, times = 1) => repeat(times, () => planOf(node).nextMessage('duplicate')),
    delayNext: (node, delayMs, times = 1) => repeat(times, () => planOf(node).nextMessage({ delayMs })),
    calm(node) {
      for (const plan of node === undefined ? plans.values() : [planOf(node)]) plan.calm()
    },
  }
  return {
    kind: inner.kind,
    faults,
    open(context) {
      const plan = planOf(nameOf(context.node))
      const open = tiers.get(plan) ?? new Set()
      tiers.set(plan, open)
      const tier: FaultyTier = new FaultyTier(inner.open(context), plan, context, () => open.delete(tier))
      open.add(tier)
      return tier
    },
  }
}

/** A cache appends eight random hexadecimal digits to the name that it was given. */
function nameOf(node: string): string {
  return node.replace(/-[0-9a-f]{8}$/, '')
}

function seedOf(seed: number, node: string): number {
  let hash = seed
  for (const character of node) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193)
  return hash
}
