-- Gives a lease back, if this token holds it.
local lease = KEYS[1] .. 'lease:' .. ARGV[1]
if redis.call('GET', lease) == ARGV[2] then
  return redis.call('DEL', lease)
end
return 0
