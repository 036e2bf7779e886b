import { STATE_EXPIRED, STATE_OFFSET } from '../../codec.js'
import { Script } from '../script.js'
import { ARGUMENTS, END_LEASE, HEAD, STORE } from './fragments.js'

const KEY_STEPS = `
local function takeKeySteps(firstKey)
  local channel = arg()
  local k = firstKey
  for _ = 1, tonumber(arg()) do
    local kind = arg()
    if kind == 'delete' then redis.call('DEL', KEYS[k])
    elseif kind == 'expire' then
      if redis.call('STRLEN', KEYS[k]) > ${STATE_OFFSET} then
        redis.call('SETRANGE', KEYS[k], ${STATE_OFFSET}, string.char(${STATE_EXPIRED}))
      end
    elseif kind == 'write' then
      local bytes = arg()
      store(k, bytes, arg())
    elseif kind == 'writeIfLeased' then
      local token, bytes, px = arg(), arg(), arg()
      if redis.call('GET', KEYS[k + 1]) == token then store(k, bytes, px) else redis.call('DEL', KEYS[k]) end
    end
    endLease(k, channel)
    k = k + 3
  end
end
`

/**
 * One atomic step of truth on one Redis: the steps of the keys (a value written, deleted, expired in place, or only its
 * lease ended), then one message appended to the log, counted in the head and the tag table, and published.
 *
 * KEYS: head, stream, tags, then (value, lease, waiting) for each step. ARGV: fill channel, number of steps, each step
 * as `delete`, `expire`, `lease`, `write BYTES PX` or `writeIfLeased TOKEN BYTES PX` (which deletes when the lease is
 * another's); then new epoch (in case the head was lost), id of the message, its published tail
 * (`"id","origin",[operations]]`), log length, most marks, log channel, `clear` or '', patterns as JSON or '', number
 * of marks, the marks. Returns epoch, seq, previous id.
 *
 * The stream holds exactly what is published. Its ids are the seq, so it cannot have a hole that is not seen.
 */
export const commit = new Script(
  'commit',
  `${ARGUMENTS}${HEAD}${END_LEASE}${STORE}${KEY_STEPS}
takeKeySteps(4)
local head = headOf(arg())
local id, tail, length, mostMarks, channel = arg(), arg(), arg(), tonumber(arg()), arg()
local seq = string.format('%.0f', tonumber(head.seq) + 1)
local fields = { 'seq', seq, 'id', id }
local function set(field, value)
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
if arg() == 'clear' then set('clearedAt', seq) end
local patterns = arg()
if patterns ~= '' then set('p:' .. seq, patterns) end
local marks = tonumber(arg())
if marks > 0 then
  local size = head.marks
  for _ = 1, marks do size = size + redis.call('ZADD', KEYS[3], seq, arg()) end
  if size > mostMarks then
    local pruned = redis.call('ZPOPMIN', KEYS[3], size - mostMarks)
    set('floor', pruned[#pruned])
    size = mostMarks
  end
  set('marks', size)
end
redis.call('HSET', KEYS[1], unpack(fields))
local message = '["' .. head.epoch .. '",' .. head.seq .. ',"' .. head.id .. '",' .. seq .. ',' .. tail
local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', length, seq .. '-0', 'm', message)
if type(added) == 'table' and added.err then
  -- Not our stream, or one with later numbers: readers of it are told that it was trimmed.
  redis.call('DEL', KEYS[2])
  redis.call('XADD', KEYS[2], seq .. '-0', 'm', message)
end
redis.call('PUBLISH', channel, message)
return { head.epoch, seq, head.id }
`,
)

/**
 * The first step of a commit on Cluster: what happens to one key, in its own slot. KEYS: (value, lease, waiting) for
 * each step. ARGV: fill channel, number of steps, steps.
 */
export const settleKey = new Script(
  'settleKey',
  `${ARGUMENTS}${END_LEASE}${STORE}${KEY_STEPS}
takeKeySteps(1)
return 1
`,
)
