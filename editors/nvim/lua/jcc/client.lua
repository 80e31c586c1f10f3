-- The language server's client: the commands that its code lenses name and, before Neovim 0.11, its start.

local jcc = require("jcc")

local M = {}

-- The running clients by root; each serves all buffers below it.
local running = {}

--- Start the server for a buffer, or have the one of its project serve it too.
function M.attach(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  if jcc.options().lsp == false or path == "" then
    return
  end
  local root = jcc.root(path)
  if not running[root] then
    local program = jcc.program(root)
    if vim.fn.executable(program) == 0 then
      jcc.complain(program .. " cannot be run: set vim.g.jcc = { cmd = … }")
      return
    end
    running[root] = vim.lsp.start_client({
      name = "jcc",
      cmd = { program, "lsp" },
      root_dir = root,
      workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
      settings = { jcc = jcc.options().settings or vim.empty_dict() },
      init_options = jcc.options().settings or vim.empty_dict(),
      on_exit = function()
        running[root] = nil
      end,
    })
  end
  if running[root] then
    vim.lsp.buf_attach_client(buffer, running[root])
  end
end

-- What a command is about: its first argument, or the `uri` in that.
local function uri_of(command)
  local first = (command.arguments or {})[1]
  return type(first) == "table" and first.uri or first
end

local function in_buffer_of(command, act)
  local uri = uri_of(command)
  if uri then
    vim.api.nvim_buf_call(vim.uri_to_bufnr(uri), act)
  else
    act()
  end
end

local function show_references(command, context)
  local locations = command.arguments[3]
  local client = vim.lsp.get_client_by_id(context.client_id)
  local items = vim.lsp.util.locations_to_items(locations, client.offset_encoding or "utf-16")
  vim.fn.setqflist({}, " ", { title = command.title, items = items })
  vim.cmd("copen")
end

--- Have the server of the buffer's project ask again what is deployed.
function M.reload_catalog()
  local command = { command = "jcc.reloadCatalog", arguments = { vim.empty_dict() } }
  local asked = vim.lsp.buf_request(0, "workspace/executeCommand", command, function(problem)
    if problem then
      jcc.complain(problem.message)
    else
      vim.notify("jcc: the catalog has been read")
    end
  end)
  if vim.tbl_isempty(asked or {}) then
    jcc.complain("no language server serves this buffer")
  end
end

--- Have Neovim carry out what the server's code lenses offer.
function M.register()
  vim.lsp.commands["jcc.run"] = function(command)
    in_buffer_of(command, function()
      require("jcc.commands").run("")
    end)
  end
  vim.lsp.commands["jcc.graph"] = function(command)
    in_buffer_of(command, function()
      require("jcc.commands").graph("")
    end)
  end
  vim.lsp.commands["jcc.showReferences"] = show_references
end

return M
