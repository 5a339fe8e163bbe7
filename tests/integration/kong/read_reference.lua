-- Takes references apart with the library that Kong uses for it, as Kong's source
-- shows. Reads a reference a line; writes host, resource, key and version of each,
-- each ended by a zero byte.

local url = require "socket.url"

-- OpenResty's, which takes a plus for a blank.
local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

for line in io.lines() do
  assert(line:sub(1, 9) == "{vault://" and line:sub(-1) == "}", line)
  local parsed = url.parse(line:sub(2, -2))
  local parts = url.parse_path(parsed.path:sub(2))
  assert(#parts >= 2 and not parts.is_directory and not parsed.query and not parsed.params, line)
  local resource = unescape(table.concat(parts, "/", 1, #parts - 1))
  io.write(parsed.host, "\0", resource, "\0", unescape(parts[#parts]), "\0", parsed.fragment or "", "\0")
end
