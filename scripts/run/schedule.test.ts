import { expect, test } from 'vitest'
import { closingLine } from './report.mjs'
import { schedule, withNeeds } from './schedule.mjs'

/** A step that ends when it is told to. */
function manual(name: string, needs: string[] = [], weight = 1) {
  let end = (_result: { passed: number; failed: number }) => {}
  const ended = new Promise<{ passed: number; failed: number }>((resolve) => {
    end = resolve
  })
  return { name, about: '', needs, weight, work: () => ended, end: (failed = 0) => end({ passed: 1, failed }) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function watch(steps: ReturnType<typeof manual>[], options: { cores: number; signal?: AbortSignal }) {
  const started: string[] = []
  const reports = schedule(steps, { ...options, onStart: ({ name }) => started.push(name) })
  return { started, reports }
}

test('steps run side by side as far as the cores go, and the next starts when one ends', async () => {
  const [a, b, c] = [manual('a'), manual('b'), manual('c')]
  const { started, reports } = watch([a, b, c], { cores: 2 })
  expect(started).toEqual(['a', 'b'])
  b.end()
  await turn()
  expect(started).toEqual(['a', 'b', 'c'])
  a.end()
  c.end()
  expect((await reports).map(({ name }) => name)).toEqual(['b', 'a', 'c'])
})

test('a step heavier than the machine runs alone', async () => {
  const [light, heavy] = [manual('light'), manual('heavy', [], Number.POSITIVE_INFINITY)]
  const { started, reports } = watch([light, heavy], { cores: 4 })
  expect(started).toEqual(['light'])
  light.end()
  await turn()
  expect(started).toEqual(['light', 'heavy'])
  heavy.end()
  await reports
})

test('a step waits for what it needs, and is not run when that failed', async () => {
  const [base, next, last, other] = [
    manual('base'),
    manual('next', ['base']),
    manual('last', ['next']),
    manual('other'),
  ]
  const { started, reports } = watch([base, next, last, other], { cores: 8 })
  expect(started).toEqual(['base', 'other'])
  base.end(1)
  other.end()
  const ended = await reports
  expect(started).toEqual(['base', 'other'])
  expect(ended.find(({ name }) => name === 'next')).toMatchObject({ failed: 1, note: 'not run: base failed' })
  expect(ended.find(({ name }) => name === 'last')).toMatchObject({ failed: 1, note: 'not run: next failed' })
})

test('a step that throws has failed, and the run goes on', async () => {
  const broken = { ...manual('broken'), work: () => Promise.reject(new Error('no such server')) }
  const fine = manual('fine')
  fine.end()
  const reports = await schedule([broken, fine], { cores: 1 })
  expect(reports.map(({ name, failed }) => [name, failed])).toEqual([
    ['broken', 1],
    ['fine', 0],
  ])
  expect(reports[0]?.output).toContain('no such server')
})

test('after an interruption nothing more is started', async () => {
  const interruption = new AbortController()
  const [first, second] = [manual('first'), manual('second')]
  const { started, reports } = watch([first, second], { cores: 1, signal: interruption.signal })
  interruption.abort()
  first.end()
  expect((await reports).map(({ name }) => name)).toEqual(['first'])
  expect(started).toEqual(['first'])
})

test('a choice of steps brings what they need, in the order of the list', () => {
  const steps = [manual('install'), manual('build', ['install']), manual('lint'), manual('app', ['build'])]
  expect(withNeeds(steps, ['app']).map(({ name }) => name)).toEqual(['install', 'build', 'app'])
  expect(() => withNeeds(steps, ['apps'])).toThrow('There is no step "apps"; the steps are install, build, lint, app.')
})

test('the closing line counts all tests of all steps', () => {
  const report = { name: '', seconds: 0 }
  expect(
    closingLine([
      { ...report, passed: 40, failed: 1 },
      { ...report, passed: 2, failed: 0 },
    ]),
  ).toBe('42 passed, 1 failed')
  expect(closingLine([{ ...report, passed: 1, failed: 0, skipped: 3 }])).toBe('1 passed, 0 failed, 3 skipped')
})
