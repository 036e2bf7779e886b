import { Script } from '../script.js'
import { HEAD } from './fragments.js'

/** The head, begun when it is lost. KEYS: head, stream, tags. ARGV: new epoch. Returns epoch, seq, id. */
export const position = new Script(
  'position',
  `${HEAD}
local head = headOf(ARGV[1])
return { head.epoch, head.seq, head.id }
`,
)

/** All fields of the head, name after value. KEYS: head, stream, tags. ARGV: new epoch. */
export const snapshot = new Script(
  'snapshot',
  `${HEAD}
headOf(ARGV[1])
return redis.call('HGETALL', KEYS[1])
`,
)

/**
 * Messages after a seq. KEYS: head, stream, tags. ARGV: new epoch, first seq wanted, limit. Returns the head's epoch
 * and seq, then the messages as they were published.
 */
export const read = new Script(
  'read',
  `${HEAD}
local head = headOf(ARGV[1])
local answer = { head.epoch, head.seq }
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], ARGV[2] .. '-0', '+', 'COUNT', ARGV[3])) do
  answer[#answer + 1] = entry[2][2]
end
return answer
`,
)

/**
 * The last invalidations of tags. KEYS: head, stream, tags. ARGV: new epoch, marks. Returns epoch, seq, id, floor, then
 * the seq of each mark, or nothing. ZSCORE one by one, because unpack() of a long list overflows Lua's stack.
 */
export const tags = new Script(
  'tags',
  `${HEAD}
local head = headOf(ARGV[1])
local answer = { head.epoch, head.seq, head.id, head.floor }
for mark = 2, #ARGV do answer[mark + 3] = redis.call('ZSCORE', KEYS[3], ARGV[mark]) or '0' end
return answer
`,
)

/**
 * Begins a new epoch if the given one is current. KEYS: head, stream, tags. ARGV: new epoch, epoch. Returns epoch, seq,
 * id.
 */
export const renewEpoch = new Script(
  'renewEpoch',
  `${HEAD}
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[2] then redis.call('DEL', KEYS[1]) end
local head = headOf(ARGV[1])
return { head.epoch, head.seq, head.id }
`,
)
