import { afterEach, describe, expect, it } from 'vitest'
import type { MemoryEntry } from './entry.js'
import type { Family } from './family.js'
import { type Fallback, Flight, Flights, type Passenger } from './flights.js'
import { hashOf } from './hash.js'
import { LeaseWaiters } from './lease-waiters.js'
import type { Outcome } from './outcome.js'
import { createVirtualClock } from './testing/virtual-clock.js'

const flightOf = (key: string) => new Flight(key, hashOf(key), {} as Family, 1, 0, 0)
const fallback: Fallback = { entry: {} as MemoryEntry, tier: 'memory' }

function started(flights: Flights, key: string): Flight {
  const flight = flightOf(key)
  flight.fallback = fallback
  flight.lastResort = fallback
  flights.start(flight)
  return flight
}

describe('the flights of a process', () => {
  it('are joined by key until they end', () => {
    const flights = new Flights()
    const flight = started(flights, 'a')
    expect(flights.get('a')).toBe(flight)
    expect(flights.get('b')).toBeUndefined()
    expect(flights.size).toBe(1)
    flights.end(flight)
    flights.end(flight)
    expect(flights.get('a')).toBeUndefined()
    expect(flights.size).toBe(0)
  })

  it('are joined no more once they are fenced, but are fenced again with those that came after', () => {
    const flights = new Flights()
    const first = started(flights, 'a')
    flights.fence('a', 'delete')
    expect(first.fenced).toBe(true)
    expect(flights.get('a')).toBeUndefined()
    const second = started(flights, 'a')
    first.fenced = false
    flights.fence('a', 'delete')
    expect([first.fenced, second.fenced]).toEqual([true, true])
    expect(flights.size).toBe(2)
  })

  it('that were replaced do not take their successor away when they end', () => {
    const flights = new Flights()
    const first = started(flights, 'a')
    const second = started(flights, 'a')
    flights.end(first)
    expect(flights.get('a')).toBe(second)
  })

  it('of other keys are left alone by a fence', () => {
    const flights = new Flights()
    const other = started(flights, 'b')
    flights.fence('a', 'delete')
    expect(other.fenced).toBe(false)
    expect(flights.get('b')).toBe(other)
  })

  it.each([
    ['delete', true, undefined],
    ['write', false, undefined],
    ['expire', true, fallback],
  ] as const)(
    'fenced by %s know whether they were invalidated, and what they may fall back on',
    (by, invalidated, left) => {
      const flights = new Flights()
      const flight = started(flights, 'a')
      flights.fence('a', by)
      expect(flight).toMatchObject({ fenced: true, invalidated })
      expect([flight.fallback, flight.lastResort]).toEqual([left, left])
    },
  )

  it('that write are fenced like the others, and joined by nobody', () => {
    const flights = new Flights()
    const write = flightOf('a')
    flights.startWrite(write)
    expect(flights.get('a')).toBeUndefined()
    flights.fence('a', 'delete')
    expect(write).toMatchObject({ fenced: true, invalidated: true })
  })

  it('that write overlap each other, and not the loads', () => {
    const flights = new Flights()
    const load = started(flights, 'a')
    expect(flights.fenceWrites('a')).toBe(false)
    const write = flightOf('a')
    flights.startWrite(write)
    expect(flights.fenceWrites('a')).toBe(true)
    expect([load.fenced, write.fenced, write.invalidated]).toEqual([false, true, false])
    expect(flights.get('a')).toBe(load)
  })

  it('are fenced where a pattern covers their keys', () => {
    const flights = new Flights()
    const [a, b] = [started(flights, 'room:1'), started(flights, 'user:1')]
    flights.fenceWhere((key) => key.startsWith('room:'), 'expire')
    expect([a.fenced, b.fenced]).toEqual([true, false])
  })

  it('have landed when their work is over, also that of fenced ones and of failures', async () => {
    const flights = new Flights()
    const [first, second] = [started(flights, 'a'), started(flights, 'a')]
    flights.fence('a', 'delete')
    let over = false
    const all = flights.landed().then(() => {
      over = true
    })
    flights.end(first)
    second.fail(new Error('failed'))
    await createVirtualClock().flush()
    expect(over).toBe(false)
    flights.end(second)
    await all
    expect(over).toBe(true)
  })

  it('tell each passenger once, also one who boards after the answer, and the first answer counts', () => {
    const told: unknown[] = []
    const passenger = (name: string): Passenger => ({
      arrived: (_, outcome) => told.push([name, outcome]),
      failed: (error) => told.push([name, error]),
    })
    const [answered, failed] = [flightOf('a'), flightOf('b')]
    const outcome: Outcome = { found: false }
    for (const name of ['first', 'second', 'third']) answered.board(passenger(name))
    answered.settle(outcome)
    answered.fail(new Error('too late'))
    answered.board(passenger('late'))
    expect(told.splice(0)).toEqual(['first', 'second', 'third', 'late'].map((name) => [name, outcome]))
    const error = new Error('failed')
    failed.board(passenger('first'))
    failed.fail(error)
    failed.settle(outcome)
    failed.board(passenger('late'))
    expect(told).toEqual([
      ['first', error],
      ['late', error],
    ])
  })

  it('that fail with nobody waiting are no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      flightOf('a').fail(new Error('nobody heard'))
      await createVirtualClock().flush()
      await createVirtualClock().flush()
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})

describe('who waits for a lease', () => {
  const clock = createVirtualClock()
  afterEach(() => expect(clock.pending).toBe(0))

  async function isOver(promise: Promise<unknown>): Promise<boolean> {
    let over = false
    void promise.then(() => {
      over = true
    })
    await clock.flush()
    return over
  }

  it('is woken by its end, with everybody else who waits for the same key', async () => {
    const waiters = new LeaseWaiters(clock)
    const [first, second, other] = [waiters.listen('a'), waiters.listen('a'), waiters.listen('b')]
    const waits = [first, second, other].map((one) => one.within(1_000))
    waiters.wake('a')
    expect(await Promise.all(waits.map(isOver))).toEqual([true, true, false])
    other.cancel()
  })

  it('does not miss an end that comes between listening and waiting', async () => {
    const waiters = new LeaseWaiters(clock)
    const listening = waiters.listen('a')
    waiters.wake('a')
    expect(await isOver(listening.within(1_000))).toBe(true)
  })

  it('waits no longer than it said', async () => {
    const waiters = new LeaseWaiters(clock)
    const wait = waiters.listen('a').within(1_000)
    await clock.advance(999)
    expect(await isOver(wait)).toBe(false)
    await clock.advance(1)
    expect(await isOver(wait)).toBe(true)
  })

  it('leaves no timer behind when it gives up', async () => {
    const waiters = new LeaseWaiters(clock)
    const listening = waiters.listen('a')
    const wait = listening.within(1_000)
    listening.cancel()
    waiters.wake('a')
    expect(await isOver(wait)).toBe(false)
  })

  it('is woken with all others when the cache closes', async () => {
    const waiters = new LeaseWaiters(clock)
    const waits = ['a', 'b'].map((key) => waiters.listen(key).within(1_000))
    waiters.wakeAll()
    expect(await Promise.all(waits.map(isOver))).toEqual([true, true])
  })
})
