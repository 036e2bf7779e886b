import { Script } from '../script.js'

/**
 * Stores structures, again or anew. KEYS: one for each. ARGV: bytes and px ('' never) for each. The content is always
 * written: what has the same id is the same, unless it was damaged. Of two lives the longer one counts.
 */
export const keepStructures = new Script(
  'keepStructures',
  `
for k = 1, #KEYS do
  local bytes, px = ARGV[k * 2 - 1], ARGV[k * 2]
  local left = redis.call('PTTL', KEYS[k])
  if left == -1 or px == '' then redis.call('SET', KEYS[k], bytes)
  else redis.call('SET', KEYS[k], bytes, 'PX', string.format('%.0f', math.max(left, tonumber(px)))) end
end
return 0
`,
)
