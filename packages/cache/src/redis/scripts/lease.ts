import { Script } from '../script.js'
import { END_LEASE, STORE } from './fragments.js'

/** So much of a value tells it from another: its checksum and times are in there. */
export const EXPECTED_BYTES = 64

/**
 * Takes the lease, or notes that somebody waits for it. KEYS: value, lease, waiting. ARGV: token, milliseconds, and,
 * when it matters what is in place, the first bytes of the expected value ('' for none). Returns -1 when granted, -2
 * when another value is in place (whoever stored it may be done, and a second load would be for nothing; one that
 * vanished is no reason to refuse), otherwise the remaining milliseconds. The marker outlives the lease by a second, so
 * that a renewed lease still wakes those that wait. A lease without an end (somebody's PERSIST) is given one.
 */
export const acquire = new Script(
  'acquire',
  `
if ARGV[3] then
  local found = redis.call('GETRANGE', KEYS[1], 0, ${EXPECTED_BYTES - 1})
  if found ~= '' and found ~= ARGV[3] then return -2 end
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return -1 end
local remaining = redis.call('PTTL', KEYS[2])
if remaining < 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  remaining = tonumber(ARGV[2])
end
redis.call('SET', KEYS[3], '', 'PX', remaining + 1000)
return remaining
`,
)

/** Prolongs the lease if it is still ours. KEYS: value, lease, waiting. ARGV: token, milliseconds. Returns 1 or 0. */
export const renew = new Script(
  'renew',
  `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
`,
)

/** Ends the lease if it is still ours. KEYS: value, lease, waiting. ARGV: token, fill channel. Returns 1 or 0. */
export const release = new Script(
  'release',
  `${END_LEASE}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
endLease(1, ARGV[2])
return 1
`,
)

/**
 * Stores a value if the lease is still ours, and ends the lease. KEYS: value, lease, waiting. ARGV: token, fill
 * channel, bytes, px ('' never, '0' over). Returns 1 or 0.
 */
export const fill = new Script(
  'fill',
  `${END_LEASE}${STORE}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
store(1, ARGV[3], ARGV[4])
endLease(1, ARGV[2])
return 1
`,
)
