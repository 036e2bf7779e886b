import type { RemoteTier } from '../ports.js'
import { boardCases } from './remote-contract/board.js'
import type { RemoteContractCase, RemoteContractContext, RemoteContractHarness } from './remote-contract/case.js'
import { connectionCases } from './remote-contract/connection.js'
import { leaseCases } from './remote-contract/leases.js'
import { logCases } from './remote-contract/log.js'
import { lossCases } from './remote-contract/losses.js'
import { structureCases } from './remote-contract/structures.js'
import { valueCases } from './remote-contract/values.js'

export type {
  LosablePart,
  RemoteContractCase,
  RemoteContractContext,
  RemoteContractHarness,
  RemoteLimits,
} from './remote-contract/case.js'

/** Everything that a {@link RemoteTier} must do. */
export const remoteContract: readonly RemoteContractCase[] = [
  ...valueCases,
  ...leaseCases,
  ...logCases,
  ...lossCases,
  ...boardCases,
  ...structureCases,
  ...connectionCases,
]

/** The part of a test runner that is used; vitest's, jest's and node:test's functions fit. */
export interface ContractRunner {
  describe(name: string, body: () => void): unknown
  it: ((name: string, body: () => Promise<void>) => unknown) & {
    skip(name: string, body: () => Promise<void>): unknown
  }
  beforeAll(body: () => Promise<void>): unknown
  afterAll(body: () => Promise<void>): unknown
}

export interface RemoteContractOptions {
  /** Cases that cannot hold for this implementation, by name, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/**
 * Declares the contract of a remote tier for one implementation, one test for each case, the same for all. The
 * assertions are those of `node:assert`; the runner is handed in, so that the library depends on none:
 * `describeRemoteContract('my tier', createHarness, { describe, it, beforeAll, afterAll })`. Returns the names of the
 * cases in the order in which they are run.
 */
export function describeRemoteContract(
  name: string,
  createHarness: () => Promise<RemoteContractHarness>,
  runner: ContractRunner,
  { skip = {} }: RemoteContractOptions = {},
): readonly string[] {
  const names = remoteContract.map((one) => one.name)
  for (const [skipped, reason] of Object.entries(skip)) {
    if (!names.includes(skipped)) throw new Error(`skip: the contract has no case ${JSON.stringify(skipped)}`)
    if (reason.trim() === '') throw new Error(`skip: expected a reason for skipping ${JSON.stringify(skipped)}`)
  }
  runner.describe(`remote tier contract: ${name}`, () => {
    let harness: RemoteContractHarness | undefined
    runner.beforeAll(async () => {
      harness = await createHarness()
    })
    runner.afterAll(async () => {
      await harness?.close()
    })
    for (const [at, one] of remoteContract.entries()) {
      const reason = skip[one.name]
      const run = () => runCase(one, harness as RemoteContractHarness, `contract-${at}`)
      if (reason === undefined) runner.it(one.name, run)
      else runner.it.skip(`${one.name} (skipped: ${reason})`, run)
    }
  })
  return names
}

async function runCase(one: RemoteContractCase, harness: RemoteContractHarness, namespace: string): Promise<void> {
  const tiers: RemoteTier[] = []
  const context: RemoteContractContext = {
    namespace,
    harness,
    async open(node = 'node', { suffix = '', ...limits } = {}) {
      const tier = await harness.open({ namespace: `${namespace}${suffix}`, node, ...limits })
      tiers.push(tier)
      await tier.connect()
      return tier
    },
  }
  try {
    await one.run(context)
  } finally {
    await Promise.all(tiers.map((tier) => tier.close()))
  }
}
