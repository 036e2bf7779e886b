interface Failures {
  count: number
  until: number
}

/**
 * Counts failed sign-ins by address in windows of fixed length: `limit` are allowed in each, then everything of that
 * address is refused until the window ends. Bounded: the longest known address makes room when the table is full.
 */
export class FailedAttempts {
  readonly #byAddress = new Map<string, Failures>()

  constructor(
    readonly limit = 8,
    readonly windowMs = 60_000,
    readonly maxAddresses = 10_000,
  ) {}

  /** Milliseconds until the address may try again; 0 when it may now. */
  blockedFor(address: string | undefined, now: number): number {
    const failures = this.#byAddress.get(network(address))
    return failures !== undefined && failures.count >= this.limit && failures.until > now ? failures.until - now : 0
  }

  failed(address: string | undefined, now: number): void {
    const key = network(address)
    const failures = this.#byAddress.get(key)
    if (failures !== undefined && failures.until > now) {
      failures.count += 1
      return
    }
    this.#byAddress.delete(key)
    if (this.#byAddress.size >= this.maxAddresses) this.#byAddress.delete(this.#byAddress.keys().next().value as string)
    this.#byAddress.set(key, { count: 1, until: now + this.windowMs })
  }
}

/** One IPv6 customer has a whole /64 to send from; unknown addresses share one count. */
function network(address: string | undefined): string {
  if (address === undefined) return 'unknown'
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.split('::')
  const groups = head.split(':').filter(Boolean)
  const rest = tail.split(':').filter(Boolean)
  const filled = plain.includes('::')
    ? [...groups, ...Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0'), ...rest]
    : groups
  return filled
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')
}
