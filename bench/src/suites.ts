import { auditor } from './auditor.js'
import { coherence } from './coherence.js'
import type { Suite } from './harness/suite.js'
import { hit } from './hit.js'
import { remote } from './remote.js'

/** Every suite, in the order of the list and of `all`. */
export const suites: readonly Suite[] = [hit, remote, auditor, coherence]
