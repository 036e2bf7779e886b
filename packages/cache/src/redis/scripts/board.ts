import { Script } from '../script.js'

/**
 * Puts up a part. KEYS: topic, part. ARGV: the part's name, bytes, milliseconds. The topic lives as long as the part
 * that expires last.
 */
export const putPart = new Script(
  'putPart',
  `
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], '')
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
`,
)

/**
 * Forgets the name of a part that is gone, unless it has been put up again. KEYS: topic, part. ARGV: the part's name.
 */
export const dropPart = new Script(
  'dropPart',
  `
if redis.call('GET', KEYS[2]) then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`,
)

/**
 * Takes a chore, or prolongs it for its holder. KEYS: chore. ARGV: holder, milliseconds. Returns 1 when it is the
 * holder's.
 */
export const claimChore = new Script(
  'claimChore',
  `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`,
)
