const BASIS = 0x811c9dc5
const PRIME = 0x01000193
/**
 * Not looked up in the string: V8 gives strings of other origins (joined, sliced, names of properties) other hidden
 * classes, and once a process has hashed more than four of these, every look-up would cost more than the rest of a
 * step.
 */
const { charCodeAt } = String.prototype

/**
 * A 32-bit hash of a string, as a signed whole number, which V8 passes on without a box: FNV-1a (Fowler, Noll, Vo) over
 * its UTF-16 units, those at even places and those at odd ones apart, since a processor multiplies for both at once;
 * finished with the mixer of MurmurHash3 so that every bit is usable by itself. Not for secrets: collisions are easy to
 * construct.
 */
export function hashOf(text: string): number {
  const { length } = text
  let even = BASIS ^ length
  let odd = BASIS
  for (let index = 1; index < length; index += 2) {
    even = Math.imul(even ^ charCodeAt.call(text, index - 1), PRIME)
    odd = Math.imul(odd ^ charCodeAt.call(text, index), PRIME)
  }
  if ((length & 1) === 1) even = Math.imul(even ^ charCodeAt.call(text, length - 1), PRIME)
  let hash = even ^ Math.imul(odd, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
