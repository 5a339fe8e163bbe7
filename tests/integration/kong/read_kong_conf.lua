-- Reads kong.conf with the library that Kong reads it with, as Kong documents
-- and its source shows: options, comments, and the second reading, which is that
-- of the file that Kong writes of its whole configuration. Writes each name and
-- value, ended by a zero byte, to stdout.

local config = require "pl.config"
local stringio = require "pl.stringio"

local function without_comment(value)
  local at = 1
  while true do
    local hash = value:find("#", at, true)
    if not hash then
      break
    end
    if value:sub(hash - 1, hash - 1) ~= "\\" then
      value = value:sub(1, hash - 1):gsub("%s+$", "")
      break
    end
    at = hash + 1
  end
  return (value:gsub("\\#", "#"))
end

local function read(text)
  local values = config.read(stringio.open(text), { smart = false, list_delim = "_blank_" })
  for name, value in pairs(values) do
    values[name] = without_comment(tostring(value))
  end
  return values
end

local function written(values)
  local lines = {}
  for name, value in pairs(values) do
    lines[#lines + 1] = name .. " = " .. value:gsub("#", "\\#")
  end
  return table.concat(lines, "\n") .. "\n"
end

local values = read(io.read("*a"))
-- What came by the environment is read in the second round only.
for name, value in pairs(read(written(values))) do
  io.write(name, "\0", value, "\0")
end
