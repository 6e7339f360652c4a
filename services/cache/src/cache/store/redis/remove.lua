-- Removes the entries that the members name; how many there were.
local removed = 0
for _, member in ipairs(ARGV) do
  removed = removed + forget(member)
end
return removed
