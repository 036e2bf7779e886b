import { auditor } from './auditor.js'
import { batch } from './batch.js'
import { codec } from './codec.js'
import { coherence } from './coherence.js'
import { engine } from './engine.js'
import { failingLoader } from './failing-loader.js'
import type { Suite } from './harness/suite.js'
import { heap } from './heap.js'
import { hit } from './hit.js'
import { remote } from './remote.js'
import { stampede } from './stampede.js'
import { tags } from './tags.js'
import { watching } from './watching.js'

/** Every suite, in the order of the list and of `all`. */
export const suites: readonly Suite[] = [
  hit,
  engine,
  heap,
  batch,
  remote,
  codec,
  tags,
  stampede,
  watching,
  auditor,
  coherence,
  failingLoader,
]
