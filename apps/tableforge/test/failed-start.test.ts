import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { expect, it, vi } from 'vitest'
import { startTable } from './support/table.js'

it('a table that cannot listen lets go of its sockets too, and of the timer that looks after them', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const closed = vi.spyOn(Server.prototype, 'close')
  const set = vi.spyOn(globalThis, 'setInterval')
  const cleared = vi.spyOn(globalThis, 'clearInterval')
  try {
    await expect(startTable({ HOST: '127.0.0.1', PORT: String(port) })).rejects.toThrow(`port ${port} is taken`)
    expect(closed).toHaveBeenCalledOnce()
    const timers = set.mock.results.map(({ value }) => value)
    expect(timers.length).toBeGreaterThan(0)
    for (const timer of timers) expect(cleared).toHaveBeenCalledWith(timer)
  } finally {
    await new Promise((resolve) => taken.close(resolve))
  }
})
