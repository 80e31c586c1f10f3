-- Read at Neovim's start: the commands, and the language server where Neovim starts servers by itself (0.11).

if vim.g.loaded_jcc then
  return
end
vim.g.loaded_jcc = true

local function define(name, options, act, arguments)
  options.nargs = arguments or "?"
  vim.api.nvim_create_user_command(name, act, options)
end

define("JccRun", { desc = "Run the workflow of this file" }, function(given)
  require("jcc.commands").run(given.args)
end)
define("JccGraph", {
  desc = "Show the task graph",
  complete = function()
    return { "mermaid", "dot", "svg" }
  end,
}, function(given)
  require("jcc.commands").graph(given.args)
end)
define("JccDeployDryRun", { desc = "Tell what a deploy of this file would do" }, function()
  require("jcc.commands").dry_run()
end, 0)
define("JccReloadCatalog", { desc = "Ask again what is deployed" }, function()
  require("jcc.client").reload_catalog()
end, 0)
define("JccExplain", {
  desc = "Explain a diagnostic",
  complete = function(start)
    return require("jcc.commands").codes(start)
  end,
}, function(given)
  require("jcc.commands").explain(given.args)
end)

require("jcc.client").register()
if vim.fn.has("nvim-0.11") == 1 and (vim.g.jcc or {}).lsp ~= false then
  vim.lsp.enable("jcc")
end
