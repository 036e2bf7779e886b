/**
 * The keys that all nodes read, and what can be invalidated of them. Two digits each, so that patterns have something
 * to match.
 */
export const FIRST_KEY = 10
export const KEYS = 40

export const allKeys = Array.from({ length: KEYS }, (_, at) => FIRST_KEY + at)

/**
 * Something to invalidate: what to call it, how to ask for it (not for `clear`), and the keys that it covers.
 *
 * @typedef {object} Scope
 * @property {string} scope
 * @property {import('@tableforge/cache').InvalidationTarget | undefined} target
 * @property {readonly number[]} keys
 */

/** @returns {import('@tableforge/cache').InvalidationMode} */
const mode = () => (Math.random() < 0.2 ? 'expire' : 'delete')

/**
 * Ways to invalidate a key, by how much else they cover. The first comes more often.
 *
 * @type {((key: number) => Scope)[]}
 */
export const scopes = [
  ...Array.from({ length: 8 }, () => (/** @type {number} */ key) => ({
    scope: 'key',
    target: { key: `thing:${key}`, mode: mode() },
    keys: [key],
  })),
  ...Array.from({ length: 4 }, () => (/** @type {number} */ key) => ({
    scope: 'tag',
    target: { tag: `t${key % 5}`, mode: mode() },
    keys: allKeys.filter((other) => other % 5 === key % 5),
  })),
  (key) => ({
    scope: 'keys',
    target: { keys: [`thing:${key}`, `thing:${FIRST_KEY}`] },
    keys: [...new Set([key, FIRST_KEY])],
  }),
  (key) => ({
    scope: 'pattern',
    target: { pattern: `thing:${Math.floor(key / 10)}*`, mode: mode() },
    keys: allKeys.filter((other) => Math.floor(other / 10) === Math.floor(key / 10)),
  }),
  (key) => ({
    scope: 'regex',
    target: { regex: new RegExp(`^thing:\\d${key % 10}$`) },
    keys: allKeys.filter((other) => other % 10 === key % 10),
  }),
  () => ({ scope: 'definition', target: { tag: 'thing' }, keys: allKeys }),
  () => ({ scope: 'clear', target: undefined, keys: allKeys }),
]
