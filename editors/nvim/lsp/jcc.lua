-- The language server as Neovim 0.11 starts it. Change it with `vim.lsp.config("jcc", { … })`.

local jcc = require("jcc")
local settings = jcc.options().settings or vim.empty_dict()

return {
  cmd = function(dispatchers, config)
    return vim.lsp.rpc.start({ jcc.program(config.root_dir), "lsp" }, dispatchers, { cwd = config.root_dir })
  end,
  filetypes = { "jcl" },
  root_dir = function(buffer, start)
    local path = vim.api.nvim_buf_get_name(buffer)
    if path ~= "" then
      start(jcc.root(path))
    end
  end,
  settings = { jcc = settings },
  init_options = settings,
}
