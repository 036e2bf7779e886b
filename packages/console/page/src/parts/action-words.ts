import { moment } from '../../../src/format.js'
import type { Action, ActionRecord } from '../../../src/wire.js'

/** What the button says that does it. */
export function verbOf(action: Action): string {
  switch (action.type) {
    case 'invalidate':
      return action.mode === 'expire' ? 'Expire' : 'Invalidate'
    case 'clear':
      return 'Clear everything'
    case 'warm':
      return 'Warm'
    case 'bypass':
      return action.on ? `Bypass ${action.tier}` : `Use ${action.tier} again`
    case 'silence':
      return 'Silence'
    case 'unsilence':
      return 'End the silence'
  }
}

/** What came of it, and when that ends by itself. */
export function resultOf({ result, until }: ActionRecord): string {
  return until === undefined ? result : `${result} until ${moment(until)}`
}
