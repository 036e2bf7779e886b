import { createServer } from 'node:net'

/**
 * A TCP port that was free a moment ago on the loopback interface. Another process may take it first: whoever starts
 * a server on it tries again with another.
 *
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
