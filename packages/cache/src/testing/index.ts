export type { MemoryEntry } from '../entry.js'
export { createMemoryTier, type MemoryTierOptions } from '../memory/memory-tier.js'
export type { MemoryPolicy } from '../options.js'
export { seededRandom } from '../seeded-random.js'
export { type TestCaches, testCaches } from './caches.js'
export { createCacheWithout, type ProtocolPart } from './compose.js'
export type { CallFault, DelayRange, FaultProfile } from './fault-plan.js'
export { type Faults, type FaultyRemote, type FaultyRemoteOptions, faultyRemote } from './faulty-remote.js'
export {
  type ContractRunner,
  describeRemoteContract,
  type LosablePart,
  type RemoteContractCase,
  type RemoteContractContext,
  type RemoteContractHarness,
  type RemoteContractOptions,
  type RemoteLimits,
  remoteContract,
} from './remote-contract.js'
export {
  type Action,
  broken,
  describeAction,
  SIMULATED_STALENESS_MS,
  type SimulationOptions,
  type SimulationReport,
  shrink,
  simulate,
  type Violation,
} from './simulation/index.js'
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './virtual-clock.js'
