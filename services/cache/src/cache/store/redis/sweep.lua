-- Gives back the room of entries that have expired by ARGV[1], at most ARGV[2] of them; how many there were.
local gone = redis.call('ZRANGEBYSCORE', P .. 'expiry', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(gone) do
  forget(member)
end
return #gone
