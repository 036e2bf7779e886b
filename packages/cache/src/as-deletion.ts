import type { Operation } from './ports.js'

/** An operation for those that do not hold the value that was set: to them it is the deletion of the one before. */
export function asDeletion(operation: Operation): Operation {
  return operation.type === 'set' ? { type: 'key', key: operation.key, mode: 'delete' } : operation
}
