-- Indentation of JCL: a header's lines are one deeper; sections and the words that go on with a statement find their place.

if vim.b.did_indent then
  return
end
vim.b.did_indent = true

local SECTIONS = { "in", "out", "env", "wfenv", "role", "config", "locks", "wfomap", "do" }
local DEFINITIONS = { "workflow", "action", "procedure" }
local HEADERS = {
  "assert", "call", "callflow", "case", "catch", "collect", "detachflow", "else", "elsif", "eval", "if", "interface",
  "into", "let", "map", "raise_error", "raise_event", "repeat", "sleep", "split", "subscribe", "try", "unsubscribe",
  "wait_for_event", "wait_for_lock", "when", "while",
}
-- What goes on with a statement, and the headers at whose depth it may stand.
local FOLLOWERS = {
  into = { "call", "callflow", "wait_for_event" },
  collect = { "map" },
  when = { "when", "case" },
  elsif = { "elsif", "if" },
  ["else"] = { "elsif", "if", "when", "case" },
  catch = { "try" },
  ["until"] = { "repeat" },
}
local ENDS = { "return", "goto" }

local function set(...)
  local found = {}
  for _, words in ipairs({ ... }) do
    for _, word in ipairs(words) do
      found[word] = true
    end
  end
  return found
end

local is_section, is_definition, is_end = set(SECTIONS), set(DEFINITIONS), set(ENDS)
local is_header = set(SECTIONS, DEFINITIONS, HEADERS)

local function first_word(line)
  return line:match("^%s*([%a_]+)") or ""
end

-- A line that begins a block: a keyword first and a colon last, but for a comment.
local function opens(line)
  return is_header[first_word(line)] and line:gsub("%s+#.*$", ""):match(":%s*$") ~= nil
end

-- What is in code blocks and block comments keeps its place.
local function is_foreign(number)
  for _, id in ipairs(vim.fn.synstack(number, 1)) do
    local name = vim.fn.synIDattr(id, "name")
    if name == "jclPython" or name == "jclPerl" or name == "jclBlockComment" then
      return true
    end
  end
  return false
end

-- The line with text above a line, comments and blocks left out; 0 if there is none.
local function above(number)
  number = vim.fn.prevnonblank(number - 1)
  while number > 0 and (vim.fn.getline(number):match("^%s*#") or is_foreign(number)) do
    number = vim.fn.prevnonblank(number - 1)
  end
  return number
end

-- The depths of the open blocks above a line that begin with one of the words, from the inmost.
local function depths(number, words)
  local is_wanted, found = set(words), {}
  local least = math.huge
  number = above(number)
  while number > 0 do
    local depth, line = vim.fn.indent(number), vim.fn.getline(number)
    if depth <= least and opens(line) and is_wanted[first_word(line)] then
      table.insert(found, depth)
    end
    least = math.min(least, depth)
    number = above(number)
  end
  return found
end

-- One of the depths: that which the line has already, if it is one of them, else the inmost.
local function chosen(number, found)
  local now = vim.fn.indent(number)
  return vim.tbl_contains(found, now) and now or found[1]
end

-- Whether a line, or one that it is in the block of, has this depth.
local function is_open_depth(number, depth)
  local least = math.huge
  while number > 0 and least > depth do
    least = math.min(least, vim.fn.indent(number))
    number = above(number)
  end
  return least == depth
end

local function indent(number)
  if is_foreign(number) then
    return -1
  end
  local line, width = vim.fn.getline(number), vim.fn.shiftwidth()
  local word = first_word(line)
  local is_whole = line:match("^%s*[%a_]+%s*:") ~= nil
  if is_definition[word] and opens(line) then
    return 0
  end
  if is_section[word] and is_whole then
    local found = depths(number, SECTIONS)
    local definition = depths(number, DEFINITIONS)[1]
    if found[#found] and found[#found] >= (definition or 0) then
      return found[#found]
    end
    return definition and definition + width or 0
  end
  if FOLLOWERS[word] and (is_whole or opens(line) or word == "until") then
    local depth = chosen(number, depths(number, FOLLOWERS[word]))
    if depth then
      return depth
    end
  end
  local before = above(number)
  if before == 0 then
    return 0
  end
  local text, depth = vim.fn.getline(before), vim.fn.indent(before)
  if opens(text) then
    return depth + width
  end
  -- Where a block ends is the writer's to say: a line that stands at the depth of an open one is left there.
  if line:match("%S") and is_open_depth(before, vim.fn.indent(number)) then
    return vim.fn.indent(number)
  end
  if is_end[first_word(text)] and not text:match("=") then
    return math.max(depth - width, 0)
  end
  return depth
end

JclIndent = function()
  return indent(vim.v.lnum)
end

vim.bo.indentexpr = "v:lua.JclIndent()"
vim.bo.indentkeys = "o,O,<:>,0=until"
vim.b.undo_indent = "setlocal indentexpr< indentkeys<"
