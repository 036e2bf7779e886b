import { describe, expect, it } from 'vitest'
import { Batch } from './batches.js'

function recording(limit?: number) {
  const runs: (readonly number[])[] = []
  const batch = new Batch<number, number>(async (items) => {
    runs.push(items)
    return items.map((item) => (item < 0 ? new Error(`no ${item}`) : item * 10))
  }, limit)
  return { batch, runs }
}

describe('a batch', () => {
  it('runs once for all that was added in one turn, and answers each with its own result', async () => {
    const { batch, runs } = recording()
    expect(await Promise.all([batch.add(3), batch.add(1), batch.add(3)])).toEqual([30, 10, 30])
    expect(runs).toEqual([[3, 1, 3]])
  })

  it('runs again for what is added later', async () => {
    const { batch, runs } = recording()
    await batch.add(1)
    await batch.add(2)
    expect(runs).toEqual([[1], [2]])
  })

  it('runs at its limit without waiting for more, and then for the rest', async () => {
    const { batch, runs } = recording(2)
    const answers = [1, 2, 3, 4, 5].map((item) => batch.add(item))
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50])
    expect(runs).toEqual([[1, 2], [3, 4], [5]])
  })

  it('takes one item at a time when its limit is one', async () => {
    const { batch, runs } = recording(1)
    expect(await Promise.all([batch.add(1), batch.add(2)])).toEqual([10, 20])
    expect(runs).toEqual([[1], [2]])
  })

  it('rejects only the call whose answer is an error', async () => {
    const { batch } = recording()
    const [good, bad] = await Promise.allSettled([batch.add(1), batch.add(-1)])
    expect(good).toEqual({ status: 'fulfilled', value: 10 })
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'no -1' } })
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('away'))],
    [
      'throws at once',
      () => {
        throw new Error('away')
      },
    ],
  ])('rejects every call when its run %s, and works again afterwards', async (_, fail) => {
    let fails = true
    const batch = new Batch<number, number>((items) => (fails ? fail() : Promise.resolve(items)))
    const settled = await Promise.allSettled([batch.add(1), batch.add(2)])
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await batch.add(3)).toBe(3)
  })

  it('puts what is added while a batch runs into the next one', async () => {
    const runs: (readonly string[])[] = []
    const batch: Batch<string, string> = new Batch(async (items) => {
      runs.push(items)
      if (items[0] === 'outer') void batch.add('inner')
      return items
    })
    await batch.add('outer')
    await batch.add('last')
    expect(runs.flat()).toEqual(['outer', 'inner', 'last'])
    expect(runs[0]).toEqual(['outer'])
  })
})
