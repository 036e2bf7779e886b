/** What reads the values of an object's properties, one after the other. */
export interface ValueSource {
  value(): unknown
}

/** Compiling takes as long as reading some tens of objects. */
const READS_BEFORE_COMPILING = 32
/** Each compiled reader takes a few kilobytes that are never given back. */
const MAX_COMPILED = 1_024
/** Larger literals become dictionaries in V8, which a loop builds as well. */
const MAX_COMPILED_NAMES = 64

let compiled = 0

type Compiled = (source: ValueSource) => Record<string, unknown>

/**
 * Reads objects with these names. Once in demand, it is compiled to a function that knows them, which is three times as
 * fast. Where Node forbids to compile (`--disallow-code-generation-from-strings`) it goes on adding them to a plain
 * object.
 */
export class ObjectReader {
  readonly names: readonly string[]
  #compiled: Compiled | undefined
  #reads = 0

  constructor(names: readonly string[]) {
    this.names = names
  }

  read(source: ValueSource): Record<string, unknown> {
    if (this.#compiled !== undefined) return this.#compiled(source)
    if (++this.#reads === READS_BEFORE_COMPILING) this.#compiled = compile(this.names)
    return addOneByOne(this.names, source)
  }
}

function addOneByOne(names: readonly string[], source: ValueSource): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (let at = 0; at < names.length; at++) addProperty(object, names[at]!, source.value())
  return object
}

/**
 * Adds a property as JSON.parse does. Assigning one that every object inherits would set the prototype (`__proto__`),
 * or fail where the prototypes are frozen.
 */
export function addProperty(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name in Object.prototype) defineProperty(object, name, value)
  else object[name] = value
}

/**
 * A function that reads all values and assigns them in a constructor of its own, whose objects are plain ones. It does
 * not return a literal: when many objects of one literal survive, V8 allocates that literal's objects in the old space
 * from then on (see entry.ts). Objects from a constructor stay young.
 */
function compile(names: readonly string[]): Compiled | undefined {
  if (names.length > MAX_COMPILED_NAMES || compiled >= MAX_COMPILED) return undefined
  if (names.some((name) => name in Object.prototype)) return undefined
  const values = names.map((_, at) => `v${at}`).join()
  // Names may come from whoever can write to the remote tier: each is a string literal and nothing else.
  const assignments = names.map((name, at) => `this[${JSON.stringify(name)}] = v${at}`).join('\n')
  const reads = names.map((_, at) => `const v${at} = source.value()`).join('\n')
  try {
    const make = new Function(`'use strict'
      function Plain(${values}) { ${assignments} }
      Plain.prototype = Object.prototype
      return function (source) { ${reads}\nreturn new Plain(${values}) }
    `)
    compiled++
    return make() as Compiled
  } catch (error) {
    if (error instanceof EvalError) return undefined
    throw error
  }
}

export function defineProperty(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}
