-- Keeps an entry in the place of one of the same name, and makes room for it. Answers with how many had to go.
local member, expires, now, meta, text, kind, body, names, vector, attributes, labels =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local tenant_entries, tenant_bytes, total_entries, total_bytes =
  tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])
local id, partition, tenant, cost = member:sub(1, 16), member:sub(17, 48), member:sub(49, 64), tonumber(member:sub(65))

local old = redis.call('HGET', P .. 'entry:' .. id, 'member')
if old then
  forget(old)
end
local entry = P .. 'entry:' .. id
redis.call('HSET', entry, 'member', member, 'meta', meta, 'text', text, 'kind', kind, 'body', body, 'names', names)
-- The sweep removes it; this is for a store whose instances are all gone.
redis.call('PEXPIREAT', entry, expires + 86400000)
redis.call('ZADD', P .. 'expiry', expires, member)
redis.call('ZADD', P .. 'use:' .. tenant, now, member)
redis.call('ZINCRBY', P .. 'bytes', cost, tenant)
redis.call('INCRBY', P .. 'total', cost)
redis.call('SADD', P .. 'members:' .. partition, member)
redis.call('HSET', P .. 'partitions', partition, labels)
for at = 1, #names, 16 do
  redis.call('SADD', P .. 'named:' .. names:sub(at, at + 15), member)
end
if vector ~= '' then
  redis.pcall('VADD', P .. 'vectors:' .. partition, 'FP32', vector, id, 'Q8', 'SETATTR', attributes)
end

-- The least recently used of a tenant goes, but never the entry that just came.
local function evict(of)
  local oldest = redis.call('ZRANGE', P .. 'use:' .. of, 0, 1)
  local victim = oldest[1]
  if victim == member then
    victim = oldest[2]
  end
  return victim ~= nil and forget(victim) == 1
end

local evicted = 0
while redis.call('ZCARD', P .. 'use:' .. tenant) > tenant_entries
  or tonumber(redis.call('ZSCORE', P .. 'bytes', tenant)) > tenant_bytes do
  if not evict(tenant) then
    break
  end
  evicted = evicted + 1
end
while redis.call('ZCARD', P .. 'expiry') > total_entries
  or tonumber(redis.call('GET', P .. 'total')) > total_bytes do
  -- The tenant that holds the most gives.
  local largest = redis.call('ZREVRANGE', P .. 'bytes', 0, 1)
  if not evict(largest[1]) and not (largest[2] and evict(largest[2])) then
    break
  end
  evicted = evicted + 1
end
return evicted
