-- What :JccRun, :JccDeployDryRun, :JccGraph and :JccExplain do.

local jcc = require("jcc")

local M = {}

-- A new window with a text that is nobody's file.
local function show(name, filetype, text)
  vim.cmd("botright new")
  vim.bo.buftype = "nofile"
  vim.bo.bufhidden = "wipe"
  vim.bo.swapfile = false
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(vim.trim(text), "\n"))
  vim.bo.modifiable = false
  vim.bo.filetype = filetype
  vim.b.jcc_shows = name
end

-- The buffer's file, with what was typed in it. A project is read from disk, so the text must be there.
local function saved()
  if vim.bo.filetype ~= "jcl" then
    jcc.complain("this is no JCL file")
    return nil
  end
  vim.cmd("silent update")
  return vim.api.nvim_buf_get_name(0)
end

-- Run `jcc` on a file in a terminal.
local function in_terminal(file, arguments)
  local command = vim.list_extend({ jcc.program(jcc.root(file)) }, arguments)
  vim.cmd("botright new")
  vim.fn.termopen(command, { cwd = jcc.root(file) })
end

local function run_with(file, inputs)
  in_terminal(file, { "run", file, inputs })
end

--- Run the buffer's workflow in a terminal; the inputs are asked for unless they are given as JSON.
function M.run(inputs)
  local file = saved()
  if not file then
    return
  end
  if inputs ~= "" then
    run_with(file, inputs)
    return
  end
  vim.ui.input({ prompt = "Inputs (JSON): ", default = "{}" }, function(given)
    if given then
      run_with(file, given)
    end
  end)
end

--- Tell in a terminal what a deploy of the buffer's file would do.
function M.dry_run()
  local file = saved()
  if file then
    in_terminal(file, { "deploy", file, "--dry-run" })
  end
end

local function open_drawing(svg)
  local file = vim.fn.tempname() .. ".svg"
  vim.fn.writefile(vim.split(svg, "\n"), file)
  if vim.ui.open then
    vim.ui.open(file)
  else
    vim.fn.jobstart({ vim.fn.has("mac") == 1 and "open" or "xdg-open", file }, { detach = true })
  end
end

--- Show the task graph of the buffer's workflows: as Mermaid or dot in a window, as a drawing in the system's viewer.
function M.graph(format)
  local file = saved()
  if not file then
    return
  end
  format = format ~= "" and format or "mermaid"
  local output, ok = jcc.run({ "graph", file, "--format", format })
  if not ok then
    jcc.complain(output)
  elseif format == "svg" then
    open_drawing(output)
  else
    show("graph", format, output)
  end
end

-- The code of the first diagnostic in the cursor's line.
local function code_here()
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, diagnostic in ipairs(vim.diagnostic.get(0, { lnum = line })) do
    local code = diagnostic.code or (((diagnostic.user_data or {}).lsp or {}).code)
    if code then
      return tostring(code)
    end
  end
  return nil
end

--- Show the page of a diagnostic: the one named, else the one in the cursor's line.
function M.explain(code)
  code = code ~= "" and code or code_here()
  if not code then
    jcc.complain("no diagnostic here; :JccExplain CODE")
    return
  end
  local output, ok = jcc.run({ "explain", code })
  if ok then
    show("explain", "markdown", output)
  else
    jcc.complain(output)
  end
end

--- The codes that begin with a text, for the command line's completion.
function M.codes(start)
  local output, ok = jcc.run({ "explain" })
  local codes = {}
  for code in (ok and output or ""):gmatch("JCC%d+") do
    if vim.startswith(code, start:upper()) then
      table.insert(codes, code)
    end
  end
  return codes
end

return M
