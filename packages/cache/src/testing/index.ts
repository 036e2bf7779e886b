export { createCacheWithout, type ProtocolPart } from './compose.js'
export { seededRandom } from './seeded-random.js'
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './virtual-clock.js'
