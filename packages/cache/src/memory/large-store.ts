/**
 * A store for more entries than this is large: there what an entry takes counts more than collisions, and a long step
 * of any kind would hold the process up.
 */
export const LARGE_STORE = 2 ** 17
