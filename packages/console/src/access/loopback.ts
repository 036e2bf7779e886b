const MAPPED = /^::ffff:/i
const IPV4_LOOPBACK = /^127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/

/** Whether an address is of this machine alone: 127.0.0.0/8 (also mapped into IPv6) or ::1. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '')
  return plain === '::1' || IPV4_LOOPBACK.test(plain.replace(MAPPED, ''))
}

/**
 * Whether a name, with or without a port, can only mean this machine: a loopback address, `localhost`, or a name below
 * it (RFC 6761). Any other name may have been made to point here by DNS rebinding.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host
    .replace(/:\d{1,5}$/, '')
    .toLowerCase()
    .replace(/\.$/, '')
  if (name === 'localhost' || /^[a-z0-9.-]+\.localhost$/.test(name)) return true
  return name.startsWith('[') ? name.endsWith(']') && isLoopbackAddress(name) : IPV4_LOOPBACK.test(name)
}

/** Headers that only a proxy adds: the client behind it may be anywhere. */
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/** Why a request is not a developer at this machine, in words for them; `undefined` when it is. */
export function refusalOfLoopback(
  request: Request,
  peer: string | undefined,
  bind: string | undefined,
  environment: string | undefined,
): string | undefined {
  if (environment === 'production') {
    return "auth: 'loopback-development' is not honoured while NODE_ENV is production. Configure auth: { token } or { username, password }."
  }
  if (bind === undefined || !(isLoopbackAddress(bind) || bind === 'localhost')) {
    return `auth: 'loopback-development' needs a server bound to loopback, and the console's bind option is ${bind === undefined ? 'not given' : JSON.stringify(bind)}. Bind to 127.0.0.1 and say so in bind, or configure credentials.`
  }
  if (peer === undefined) {
    return "The server does not tell the console who is connected. Pass the connection's info as the second argument of fetch, or configure credentials."
  }
  if (!isLoopbackAddress(peer))
    return 'The connection does not come from this machine. Configure credentials to reach the console from others.'
  if (FORWARDING.some((header) => request.headers.has(header))) {
    return 'The request came through a proxy, so that its sender may be anywhere. Configure credentials to use the console behind one.'
  }
  const host = request.headers.get('host') ?? new URL(request.url).host
  if (!isLoopbackHost(host))
    return 'The Host header does not name this machine. Open the console as localhost or 127.0.0.1.'
  return undefined
}
