-- Puts a note in the place of another: KEYS[1] holds the notes, ARGV are its name, what must be there ('' for nothing) and what shall
-- be there. 1 where it is.
local there = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if there ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
