import { describe, expect, it } from 'vitest'
import { type CacheEvent, CacheEvents } from './events.js'

const miss = (key: string): CacheEvent => ({ type: 'miss', key, definition: '' })

function setUp() {
  const errors: unknown[] = []
  return { errors, events: new CacheEvents((error) => errors.push(error)) }
}

describe('the events of a cache', () => {
  it('reach the listeners of their type, in the order of subscription, and no others', () => {
    const { events } = setUp()
    const heard: string[] = []
    events.on('miss', ({ key }) => heard.push(`first ${key}`))
    events.on('miss', ({ key }) => heard.push(`second ${key}`))
    events.on('close', () => heard.push('close'))
    events.emit(miss('a'))
    expect(heard).toEqual(['first a', 'second a'])
  })

  it('are asked for only while somebody listens to their type', () => {
    const { events } = setUp()
    expect(events.listens('miss')).toBe(false)
    const leave = events.on('miss', () => undefined)
    expect(events.listens('miss')).toBe(true)
    expect(events.listens('hit')).toBe(false)
    leave()
    expect(events.listens('miss')).toBe(false)
  })

  it('go on to the other listeners when one throws, and the error goes to its own place', () => {
    const { events, errors } = setUp()
    const heard: string[] = []
    const failure = new Error('a listener failed')
    events.on('miss', () => {
      throw failure
    })
    events.on('miss', ({ key }) => heard.push(key))
    expect(() => events.emit(miss('a'))).not.toThrow()
    expect(heard).toEqual(['a'])
    expect(errors).toEqual([failure])
  })

  it('are heard to the end of the list by which they were emitted, whoever leaves or comes meanwhile', () => {
    const { events } = setUp()
    const heard: string[] = []
    const leave = events.on('miss', () => {
      heard.push('first')
      leave()
      events.on('miss', () => heard.push('late'))
    })
    events.on('miss', () => heard.push('second'))
    events.emit(miss('a'))
    expect(heard).toEqual(['first', 'second'])
    events.emit(miss('b'))
    expect(heard).toEqual(['first', 'second', 'second', 'late'])
  })

  it('are no longer heard by a listener that was taken off, and by the others still', () => {
    const { events } = setUp()
    const heard: string[] = []
    const one = () => heard.push('one')
    events.on('miss', one)
    events.on('miss', () => heard.push('two'))
    events.off('miss', one)
    events.off('miss', one)
    events.off('hit', one)
    events.emit(miss('a'))
    expect(heard).toEqual(['two'])
  })

  it('are heard once for each subscription, which ends by itself alone', () => {
    const { events } = setUp()
    const heard: string[] = []
    const listener = ({ key }: { key: string }) => heard.push(key)
    const leaveFirst = events.on('miss', listener)
    const leaveSecond = events.on('miss', listener)
    events.emit(miss('twice'))
    leaveFirst()
    leaveFirst()
    events.emit(miss('once'))
    leaveSecond()
    events.emit(miss('never'))
    expect(heard).toEqual(['twice', 'twice', 'once'])
  })

  it('are heard once less by a listener that was taken off once', () => {
    const { events } = setUp()
    const heard: string[] = []
    const listener = ({ key }: { key: string }) => heard.push(key)
    events.on('miss', listener)
    events.on('miss', () => heard.push('other'))
    events.on('miss', listener)
    events.off('miss', listener)
    events.emit(miss('a'))
    expect(heard).toEqual(['other', 'a'])
  })

  it('reach the others although a listener fails, also later and by a promise', async () => {
    const errors: unknown[] = []
    const events = new CacheEvents((error) => errors.push(error))
    const heard: string[] = []
    events.on('miss', () => {
      throw new Error('at once')
    })
    events.on('miss', async () => {
      throw new Error('later')
    })
    events.on('miss', ({ key }) => heard.push(key))
    events.emit(miss('a'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual(['a'])
    expect(errors).toEqual([new Error('at once'), new Error('later')])
  })
})
