/**
 * A 32-bit hash of a string, as a whole number from 0 to 2^32 - 1: FNV-1a over its UTF-16 units (Fowler, Noll, Vo),
 * finished with the mixer of MurmurHash3 so that every bit is usable by itself. Not for secrets: collisions are easy to
 * construct, and cost a policy nothing but a wrong guess.
 */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
