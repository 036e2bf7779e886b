import { expectTypeOf, test } from 'vitest'
import {
  type AuditRecord,
  defineRules,
  entries,
  entry,
  type Invalidator,
  type KeyedDefinition,
  nothing,
  rule,
  tag,
  whole,
} from '../../src/invalidation/index.js'

interface TableEvents {
  'room.deleted': { roomId: string; memberIds: string[] }
  'role.changed': { roomId: string; userId: string }
  'dice.previewed': { roomId: string }
  'systems.reloaded': undefined
}

declare const roomState: KeyedDefinition<[roomId: string]>
declare const permissions: KeyedDefinition<[userId: string, roomId: string]>
declare const invalidator: Invalidator<TableEvents>

test('payloads of rules are inferred from the map of events, in every form of a rule', () => {
  defineRules<TableEvents>({
    'room.deleted': [
      (event) => {
        expectTypeOf(event).toEqualTypeOf<{ roomId: string; memberIds: string[] }>()
        return [entry(roomState, event.roomId), tag(`room:${event.roomId}`)]
      },
      rule('user', (event) =>
        entries(
          permissions,
          event.memberIds.map((userId) => [userId, event.roomId] as const),
        ),
      ),
    ],
    'role.changed': rule('user', async (event) => {
      expectTypeOf(event).toEqualTypeOf<{ roomId: string; userId: string }>()
      return entry(permissions, event.userId, event.roomId)
    }),
    'dice.previewed': nothing,
    'systems.reloaded': () => whole(roomState),
  })
})

test('an event without a rule, a rule without an event and wrong arguments do not compile', () => {
  // @ts-expect-error three events have no rule
  defineRules<TableEvents>({ 'dice.previewed': nothing })
  // @ts-expect-error the definition is keyed by user and room
  entry(permissions, 'u1')
  // @ts-expect-error the definition is keyed by one string
  entries(roomState, [1])
})

test('raise takes the payload of its event', () => {
  expectTypeOf(
    invalidator.raise('role.changed', { roomId: 'r', userId: 'u' }, { actor: 'user:u' }),
  ).resolves.toEqualTypeOf<AuditRecord>()
  invalidator.raise('systems.reloaded')
  // @ts-expect-error no such event
  invalidator.raise('role.change', { roomId: 'r', userId: 'u' })
  // @ts-expect-error the payload lacks userId
  invalidator.raise('role.changed', { roomId: 'r' })
  // @ts-expect-error the payload is missing
  invalidator.raise('role.changed')
})
