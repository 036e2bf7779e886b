/**
 * Lua functions that several scripts share. Rules that all scripts follow:
 * - arguments are read in order through `arg()`, so that lists of any length can follow each other;
 * - numbers are written with `%.0f`, because Lua would write large ones as `1e+15`;
 * - whatever deletes comes before whatever needs memory: a server that is out of memory refuses the first write that
 *   could grow, and then nothing of the script has happened, or only deletions have.
 */
export const ARGUMENTS = `
local at = 0
local function arg() at = at + 1; return ARGV[at] end
`

/**
 * `headOf(newEpoch)`: the head of the log. KEYS[1..3] are the head, the stream and the tag table. Any of them can be
 * lost alone, by eviction or by somebody's DEL, and then nothing stale may look valid:
 * - The head is lost, or a field of it: which numbers were given is unknown, and so are clears and patterns. A new
 *   epoch begins. Entries carry the epoch that they were loaded in and are invalid in another. Readers, too, begin the
 *   new epoch: were an absent head answered with a fixed position, entries stored under it would look valid again after
 *   the next loss. The old stream and tag table go in the same step, so that nothing of the old numbering meets the
 *   new.
 * - The tag table is lost, or a part of it: the head counts its marks. When the numbers differ, which tags were
 *   invalidated is unknown, so the floor rises to the present: every entry with tags that was loaded before is invalid.
 *   This is noticed before a look-up answers and before new marks are added, which could restore the number.
 * - The stream is lost, or its beginning: readers notice the missing message by its number and are told that it was
 *   trimmed; nothing is judged by the stream.
 * - Values and leases: their loss is a miss, and a load more. A fill without its lease is refused.
 */
export const HEAD = `
local function headOf(newEpoch)
  local found = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'id', 'floor', 'clearedAt', 'marks')
  for field = 1, 6 do
    if not found[field] then
      redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
      redis.call('HSET', KEYS[1], 'epoch', newEpoch, 'seq', '0', 'id', '', 'floor', '0', 'clearedAt', '0', 'marks', '0')
      return { epoch = newEpoch, seq = '0', id = '', floor = '0', marks = 0 }
    end
  end
  local head = { epoch = found[1], seq = found[2], id = found[3], floor = found[4], marks = tonumber(found[6]) }
  if redis.call('ZCARD', KEYS[3]) ~= head.marks then
    redis.call('DEL', KEYS[3])
    redis.call('HSET', KEYS[1], 'floor', head.seq, 'marks', '0')
    head.floor = head.seq
    head.marks = 0
  end
  return head
end
`

/**
 * `endLease(k, channel)`: ends the lease KEYS[k + 1] and, only when somebody waits (KEYS[k + 2]), says so on the
 * channel.
 */
export const END_LEASE = `
local function endLease(k, channel)
  redis.call('DEL', KEYS[k + 1])
  if redis.call('DEL', KEYS[k + 2]) == 1 then redis.call('PUBLISH', channel, KEYS[k + 2]) end
end
`

/** `store(k, bytes, px)`: writes the value KEYS[k]; px '' never expires, '0' is already over. */
export const STORE = `
local function store(k, bytes, px)
  if px == '0' then redis.call('DEL', KEYS[k])
  elseif px == '' then redis.call('SET', KEYS[k], bytes)
  else redis.call('SET', KEYS[k], bytes, 'PX', px) end
end
`
