import { describe, expectTypeOf, it } from 'vitest'
import { audited, type TruthSource } from '../../src/analytics/index.js'
import { createCache, type LoadContext } from '../../src/index.js'

interface Row {
  readonly version: bigint
}

const cache = createCache()
const rows = cache.define('row', {
  key: (room: string, seat: number) => [room, seat],
  load: async (): Promise<Row> => ({ version: 1n }),
})

describe('audited', () => {
  it('takes arguments and value from the definition', () => {
    audited(rows, {
      origin: (room, seat, context) => {
        expectTypeOf(room).toEqualTypeOf<string>()
        expectTypeOf(seat).toEqualTypeOf<number>()
        expectTypeOf(context).toEqualTypeOf<LoadContext>()
        return { version: 1n }
      },
      version: (row) => {
        expectTypeOf(row).toEqualTypeOf<Row>()
        return row.version
      },
    })
  })

  it('accepts a loader that takes fewer arguments', () => {
    const load = async (room: string): Promise<Row> => ({ version: BigInt(room.length) })
    audited(rows, { origin: load, version: (row: Row) => row.version })
  })

  it('refuses another value, another argument, and a version that is none', () => {
    // @ts-expect-error the origin must answer with the definition's value
    audited(rows, { origin: async () => 'row' })
    // @ts-expect-error the first argument is a string
    audited(rows, { origin: async (room: number): Promise<Row> => ({ version: BigInt(room) }) })
    // @ts-expect-error a Date is no version
    audited(rows, { origin: async (): Promise<Row> => ({ version: 1n }), version: () => new Date() })
  })

  it('lets versions alone be asked for, with or without their time', () => {
    expectTypeOf<(room: string) => Promise<bigint>>().toExtend<
      NonNullable<TruthSource<[string, number], Row>['originVersion']>
    >()
    expectTypeOf<() => { version: string; changedAt: Date }>().toExtend<
      NonNullable<TruthSource<[string, number], Row>['originVersion']>
    >()
  })
})
