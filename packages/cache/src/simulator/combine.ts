import { seededRandom } from '../seeded-random.js'
import type { Trace } from './trace.js'
import { columnsOf, stepOf, TraceBuilder, type TraceColumns } from './trace-builder.js'

/** A step of one of several traces, whose keys are kept apart. */
interface Source {
  readonly trace: Trace
  at: number
}

/** The first `steps` steps. */
export function firstSteps(trace: Trace, steps: number): Trace {
  if (steps >= trace.keys.length) return trace
  return combined(trace.name, [trace], steps, () => 0)
}

/** One trace after another. Their keys have nothing to do with each other. */
export function concatenated(traces: readonly Trace[]): Trace {
  let current = 0
  return combined(traces.map(({ name }) => name).join(' then '), traces, total(traces), (sources) => {
    while (sources[current]!.at === sources[current]!.trace.keys.length) current++
    return current
  })
}

/**
 * Several traces at once, each in its own order, spread evenly over the whole: at each step one of them goes on, with a
 * chance of as many parts as it has steps left. Their keys have nothing to do with each other. The same seed gives the
 * same mix.
 */
export function mixed(traces: readonly Trace[], { seed = 1 }: { readonly seed?: number } = {}): Trace {
  const random = seededRandom(seed)
  let left = total(traces)
  return combined(traces.map(({ name }) => name).join(' with '), traces, left, (sources) => {
    let part = Math.floor(random() * left--)
    return sources.findIndex(({ trace, at }) => {
      part -= trace.keys.length - at
      return part < 0
    })
  })
}

function total(traces: readonly Trace[]): number {
  return traces.reduce((steps, { keys }) => steps + keys.length, 0)
}

/** Takes `steps` steps, each from the trace that `choose` names; keys are numbered anew in order of appearance. */
function combined(
  name: string,
  traces: readonly Trace[],
  steps: number,
  choose: (sources: readonly Source[]) => number,
): Trace {
  const sources = traces.map((trace) => ({ trace, at: 0 }))
  const numbers = traces.map(({ distinct }) => new Int32Array(distinct).fill(-1))
  const builder = new TraceBuilder(commonColumns(traces))
  let distinct = 0
  for (let step = 0; step < steps; step++) {
    const chosen = choose(sources)
    const source = sources[chosen]!
    const known = numbers[chosen]!
    const { trace, at } = source
    const key = trace.keys[at]!
    if (known[key] === -1) known[key] = distinct++
    builder.add(known[key]!, stepOf(trace, at))
    source.at++
  }
  return builder.finish(name, distinct)
}

/** What all have: a time or a size that only some steps know would be an invention for the others. */
function commonColumns(traces: readonly Trace[]): TraceColumns {
  const [only, ...others] = traces
  if (only !== undefined && others.length === 0) return columnsOf(only)
  return {
    kinds: traces.some(({ kinds }) => kinds !== undefined),
    sizes: traces.every(({ sizes }) => sizes !== undefined),
  }
}
