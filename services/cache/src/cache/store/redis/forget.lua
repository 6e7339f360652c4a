-- In front of every script that removes. P is the prefix of all keys; a member names an entry and all that must be given back
-- with it: 16 bytes of its name, 32 of its partition, 16 of its tenant's digest, then its cost as a number.
local P = KEYS[1]

local function forget(member)
  if redis.call('ZREM', P .. 'expiry', member) == 0 then
    return 0
  end
  local id, partition, tenant = member:sub(1, 16), member:sub(17, 48), member:sub(49, 64)
  local cost = tonumber(member:sub(65))
  redis.call('ZREM', P .. 'use:' .. tenant, member)
  if tonumber(redis.call('ZINCRBY', P .. 'bytes', -cost, tenant)) <= 0 then
    redis.call('ZREM', P .. 'bytes', tenant)
  end
  redis.call('DECRBY', P .. 'total', cost)
  redis.call('SREM', P .. 'members:' .. partition, member)
  if redis.call('EXISTS', P .. 'members:' .. partition) == 0 then
    redis.call('HDEL', P .. 'partitions', partition)
  end
  -- A Redis without vector sets keeps the exact tier alone.
  redis.pcall('VREM', P .. 'vectors:' .. partition, id)
  local entry = P .. 'entry:' .. id
  local names = redis.call('HGET', entry, 'names')
  if names then
    for at = 1, #names, 16 do
      redis.call('SREM', P .. 'named:' .. names:sub(at, at + 15), member)
    end
    redis.call('DEL', entry)
  end
  return 1
end
