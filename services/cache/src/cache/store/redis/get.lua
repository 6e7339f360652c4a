-- An entry and its answer. Counts as use.
local P = KEYS[1]
local entry = redis.call('HMGET', P .. 'entry:' .. ARGV[1], 'meta', 'text', 'kind', 'body', 'member')
if entry[5] then
  redis.call('ZADD', P .. 'use:' .. entry[5]:sub(49, 64), 'XX', ARGV[2], entry[5])
end
return entry
