/** Whose figures are shown: the process that serves the page, all of them, or another by name. */
export type Scope = 'node' | 'fleet' | `node:${string}`

/** In words, such as `every node`. */
export function whose(scope: Scope): string {
  return scope === 'node' ? 'this node' : scope === 'fleet' ? 'every node' : scope.slice('node:'.length)
}
