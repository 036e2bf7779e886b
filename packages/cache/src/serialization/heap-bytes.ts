/*
 * What decoded values take on the heap of a 64-bit V8 without pointer compression, in bytes. The memory tier calculates
 * the same from the outside (memory/size.ts); a test holds the two against each other.
 */

export const BOXED_NUMBER = 16
/** A string that is cut from a longer one: a reference to it instead of the characters. */
export const SLICE = 32
/** V8 copies the characters of shorter ones. */
export const SHORTEST_SLICE = 13
/** The mean of what is rarely met: dates, maps, sets, errors, typed arrays. */
export const SPECIAL = 144
export const MAP_ENTRY = 42
export const SET_ENTRY = 30

export function ofText(units: number, unitBytes: number): number {
  return units < 2 ? 0 : (16 + units * unitBytes + 7) & ~7
}

export function ofArray(length: number): number {
  return length === 0 ? 32 : 48 + length * 8
}

export function ofObject(properties: number): number {
  return 24 + properties * 8
}
