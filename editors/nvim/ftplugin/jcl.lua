-- What a JCL buffer is set to; and, before Neovim 0.11, its language server is started from here.

vim.bo.commentstring = "# %s"
vim.bo.comments = "b:##,b:#"
vim.bo.expandtab = false
vim.bo.shiftwidth = 0
vim.bo.softtabstop = 0
vim.bo.tabstop = 4
vim.bo.suffixesadd = ".wf,.ac"
vim.opt_local.formatoptions:remove("t")
vim.opt_local.formatoptions:append("croql")
vim.b.undo_ftplugin = (vim.b.undo_ftplugin and vim.b.undo_ftplugin .. " | " or "")
  .. "setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< tabstop< suffixesadd< formatoptions<"

if vim.fn.has("nvim-0.11") == 0 then
  require("jcc.client").attach(vim.api.nvim_get_current_buf())
end
