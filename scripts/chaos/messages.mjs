/**
 * What a process under observation and its parent tell each other. Times are of the machine's monotonic clock, in ms.
 */

/**
 * @typedef {object} Figures
 * @property {'figures'} type
 * @property {number} heapUsed bytes
 * @property {number} rss bytes
 * @property {boolean} whole connected, breaker closed, log heard, nothing waits to be sent
 * @property {number} waiting invalidations in the recovery queue
 * @property {number} entries in memory
 * @property {number[]} loads durations since the last question, in ms
 * @property {number} remoteErrors since the start
 * @property {string[]} complaints errors that the app logged since the last question
 */

/** @typedef {{ type: 'breaker', at: number, state: string, reason: string, afterMs: number }} BreakerNotice */
/** @typedef {{ type: 'remote', at: number, state: string }} RemoteNotice */
/** @typedef {{ type: 'ready', url: string } | BreakerNotice | RemoteNotice | Figures} FromApp */
/** @typedef {{ type: 'figures', collect: boolean } | { type: 'close' }} ToApp */

export {}
