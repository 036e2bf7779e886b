import type { Operation } from '@tableforge/cache'

/** An operation of the log in a few words, such as `tag user:7` or `expire key room:r1`. */
export function operationText(operation: Operation): string {
  if (operation.type === 'clear') return 'clear everything'
  const soft = operation.type !== 'set' && operation.mode === 'expire' ? 'expire ' : ''
  switch (operation.type) {
    case 'key':
    case 'set':
      return `${soft}${operation.type} ${operation.key}`
    case 'tag':
      return `${soft}tag ${operation.tag}`
    case 'pattern':
      return operation.syntax === 'regex'
        ? `${soft}regex /${operation.source}/${operation.flags}`
        : `${soft}pattern ${operation.source}`
  }
}
