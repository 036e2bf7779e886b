/**
 * Whether a page of another origin could have sent this request. Browsers say so themselves in `Sec-Fetch-Site`, on
 * plain HTTP in `Origin`; a client that sends neither is no browser and carries no cookie of a person by accident.
 */
export function isCrossOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = request.headers.get('origin')
  if (origin === null) return false
  const host = request.headers.get('host') ?? new URL(request.url).host
  return !URL.canParse(origin) || new URL(origin).host !== host
}
