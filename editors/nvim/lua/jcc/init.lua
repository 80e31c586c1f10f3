-- The parts that all others use: options, the `jcc` program, a project's root.
-- Options are in `vim.g.jcc`, a table: `cmd` (the program), `lsp` (false: start no server), `settings` (for the server).

local M = {}

local MARKS = { "jcc.toml", "jobcenter.toml", "pyproject.toml", ".git" }

function M.options()
  return vim.g.jcc or {}
end

-- The folders from a file's own upward.
local function folders(path)
  local folder = vim.fn.fnamemodify(path, ":p:h")
  return function()
    local this = folder
    if this then
      local parent = vim.fn.fnamemodify(this, ":h")
      folder = parent ~= this and parent or nil
    end
    return this
  end
end

local function exists(path)
  return vim.loop.fs_stat(path) ~= nil
end

--- The root of the project that a file belongs to: the nearest folder with one of the marks, else its own.
function M.root(path)
  for folder in folders(path) do
    for _, mark in ipairs(MARKS) do
      if exists(folder .. "/" .. mark) then
        return folder
      end
    end
  end
  return vim.fn.fnamemodify(path, ":p:h")
end

--- The program for a project: the option, else that of the project's environment, else the one on the PATH.
function M.program(root)
  if M.options().cmd then
    return M.options().cmd
  end
  local own = root and root .. "/.venv/bin/jcc"
  return own and vim.fn.executable(own) == 1 and own or "jcc"
end

--- Run `jcc` to its end: what it printed, and whether that went well.
function M.run(arguments)
  local root = M.root(vim.api.nvim_buf_get_name(0))
  local command = vim.list_extend({ M.program(root) }, arguments)
  if vim.fn.executable(command[1]) == 0 then
    return command[1] .. " cannot be run: set vim.g.jcc = { cmd = … }", false
  end
  local output = vim.fn.system(command)
  return output, vim.v.shell_error == 0
end

--- Tell of something that went wrong.
function M.complain(text)
  vim.notify("jcc: " .. vim.trim(text), vim.log.levels.ERROR)
end

return M
