"""The Neovim plugin, in Neovims without a screen: file types, settings, colours, indentation, the server, the commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.editors.conftest import VERSIONS
from tests.editors.neovim import PLUGIN, ROOT, Neovim

NO_SERVER = "vim.g.jcc = { lsp = false }"
EXAMPLES = sorted((ROOT / "examples").rglob("*.wf")) + sorted((ROOT / "examples").rglob("*.ac"))


def test_a_neovim_of_today_is_there() -> None:
    assert any(found.version >= (0, 11) for found in VERSIONS), (
        "no Neovim 0.11 was found: install the dependency group `dev`, or put nvim on the PATH"
    )


# -- files


def test_file_types(nvim: Neovim, tmp_path: Path) -> None:
    found = nvim.run(
        """
        local types = {}
        for _, name in ipairs({ "a.wf", "b.ac", "configure.ac", "c.txt" }) do
          vim.cmd("edit " .. name)
          types[name] = vim.bo.filetype
        end
        return types
        """,
        tmp_path,
        setup=NO_SERVER,
    )
    assert (found["a.wf"], found["b.ac"]) == ("jcl", "jcl")
    assert "jcl" not in (found["configure.ac"], found["c.txt"])


def test_buffers_are_set_up_and_the_settings_go_with_the_file_type(
    nvim: Neovim, tmp_path: Path
) -> None:
    found = nvim.run(
        """
        vim.cmd("edit a.wf")
        local set = { vim.bo.commentstring, vim.bo.expandtab, vim.fn.shiftwidth(), vim.bo.indentexpr ~= "" }
        vim.bo.filetype = "text"
        return { set, { vim.bo.commentstring, vim.bo.indentexpr ~= "" } }
        """,
        tmp_path,
        setup=NO_SERVER,
    )
    assert found[0] == ["# %s", False, 4, True]
    assert found[1][0] != "# %s"
    assert found[1][1] is False


# -- colours

COLOURED = """\
## What it does.
workflow 'prov.x':
	in:
		lock	string[]	array(1)
	locks:
		zone	_	manual
	role:
		people
	do:
		call add.it: # why
			<n> <m>
			call = v.x.call and a.b x 3
		into:
			[[ v.y = o.list[0]]]
		case a.kind:
		when one, "two":
			if [[ $v{x} eq 'y' ]]:
				goto again
		map it using v.list:
			[[
			for n in a.list:
				pass
			]]
		call it:
			[[
			# in Perl
			my $x = 1;
			]]
		call it:
			[perl[ my @x = (']]'); ]perl]
		wait_for_lock zone:
			wait = tojson(null)
		assert a.x =~ /a b/i:
			'no\\n'
#[[ no
workflow
#]]
		return
"""
# The line (from 1), the text in it, and what the text is shown as.
EXPECTED = [
    (1, "## What", "jclDoc"),
    (2, "workflow", "jclDefinition"),
    (2, "'prov.x'", "jclDefined"),
    (3, "in", "jclSection"),
    (4, "lock", "jclDeclared"),
    (4, "string[]", "jclType"),
    (4, "array", "jclFunction"),
    (6, "zone", "jclLockDeclared"),
    (6, "manual", "jclHow"),
    (8, "people", "jclRole"),
    (9, "do", "jclSection"),
    (10, "call", "jclCall"),
    (10, "add.it", "jclCalled"),
    (10, "# why", "jclComment"),
    (11, "n", "jclCopied"),
    (11, "m", "jclCopied"),
    (12, "call", "jclTarget"),
    (12, "v", "jclObject"),
    (12, "call and", "jclMember"),
    (12, "and", "jclWordOperator"),
    (12, "x 3", "jclWordOperator"),
    (12, "3", "jclNumber"),
    (13, "into", "jclStatement"),
    (14, "[[", "jclBlockEdge"),
    (14, "v.y", "jclPython"),
    (14, "]]]", "jclPython"),
    (15, "case", "jclConditional"),
    (16, "when", "jclConditional"),
    (16, "one", "jclLabelWord"),
    (16, '"two"', "jclString"),
    (17, "eq", "perlOperator"),
    (18, "goto", "jclStatement"),
    (18, "again", "jclLabel"),
    (19, "using", "jclUsing"),
    (21, "for", "pythonRepeat"),
    (27, "my", "perlStatementStorage"),
    (28, "]]", "jclBlockEdge"),
    (30, "my", "perlStatementStorage"),
    (30, "]perl]", "jclBlockEdge"),
    (31, "wait_for_lock", "jclLock"),
    (31, "zone", "jclLockType"),
    (32, "tojson", "jclFunction"),
    (32, "null", "jclConstant"),
    (33, "assert", "jclConditional"),
    (33, "/a b/i", "jclRegex"),
    (34, "\\n", "jclEscape"),
    (36, "workflow", "jclBlockComment"),
    (38, "return", "jclStatement"),
]


def test_colours(nvim: Neovim, tmp_path: Path) -> None:
    (tmp_path / "a.wf").write_text(COLOURED, encoding="utf-8")
    lines = COLOURED.splitlines()
    places = [[line, lines[line - 1].index(text) + 1] for line, text, _ in EXPECTED]
    found = nvim.run(
        f"""
        vim.cmd("edit a.wf")
        local names = {{}}
        for _, place in ipairs(vim.fn.json_decode([==[{json.dumps(places)}]==])) do
          table.insert(names, vim.fn.synIDattr(vim.fn.synID(place[1], place[2], 1), "name"))
        end
        return names
        """,
        tmp_path,
        setup=NO_SERVER,
    )
    seen = [(line, text, name) for (line, text, _), name in zip(EXPECTED, found, strict=True)]
    assert seen == EXPECTED


# -- indentation

TYPED = """\
workflow w:
	in:
		n	integer
	do:
		repeat:
			if a.n:
				call add:
					n = 1
				into:
					n = o.n
			elsif a.m:
				return
			else:
				case a.n:
				when 1:
					try:
						sleep 1
					catch:
						map w using a.l:
							n = e._v
						collect:
							[[
							v.x = 1
							]]
						split:
							callflow w:
								n = 2
							into:
								n = o.n
		until v.n > 3
	wfomap:
		<n>
"""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_what_is_indented_well_stays_so(nvim: Neovim, tmp_path: Path, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    (tmp_path / path.name).write_text(text, encoding="utf-8")
    lines = nvim.run(
        f"""
        vim.cmd("edit {path.name}")
        vim.cmd("normal! gg=G")
        return vim.fn.getline(1, "$")
        """,
        tmp_path,
        setup=NO_SERVER,
    )
    assert "\n".join(lines) + "\n" == text


def test_text_is_indented_as_it_is_typed(nvim: Neovim, tmp_path: Path) -> None:
    typed = "\\<CR>".join(line.strip() for line in TYPED.splitlines())
    # Where the depth cannot be told from the words, the writer goes back himself.
    typed = typed.replace("\\<CR>split", "\\<CR>\\<C-D>split").replace('"', '\\"')
    lines = nvim.run(
        f"""
        vim.cmd("edit a.wf")
        vim.cmd([==[execute "normal i{typed.replace("<n>", chr(92) + "<lt>n>")}"]==])
        return vim.fn.getline(1, "$")
        """,
        tmp_path,
        setup=NO_SERVER,
    )
    assert "\n".join(lines) + "\n" == TYPED


# -- the language server

WAIT = """
local function wait_for(test)
  assert(vim.wait(30000, test, 20), "waited in vain")
end
local function clients(buffer)
  local get = vim.lsp.get_clients
  return get and get({ bufnr = buffer }) or vim.lsp.buf_get_clients(buffer)
end
local function request(method, params)
  local _, client = next(clients(0))
  local answer = client.request_sync and vim.fn.has("nvim-0.11") == 0
    and client.request_sync(method, params, 30000, 0) or client:request_sync(method, params, 30000, 0)
  assert(answer and not answer.err, vim.inspect(answer))
  return answer.result
end
"""


def test_the_server_finds_mistakes_while_you_type(nvim: Neovim, project: Path) -> None:
    found = nvim.run(
        WAIT
        + """
        vim.cmd("edit bad.wf")
        wait_for(function() return #vim.diagnostic.get(0) > 0 end)
        local before = vim.diagnostic.get(0)
        vim.fn.setline(7, "\\t\\tcall add:")
        vim.cmd("doautocmd TextChanged")
        wait_for(function() return #vim.diagnostic.get(0) == 0 end)
        return { before[1].code, before[1].lnum, vim.tbl_count(clients(0)) }
        """,
        project,
    )
    assert found == ["JCC201", 6, 1]


def test_one_server_serves_a_project_and_answers(nvim: Neovim, project: Path) -> None:
    found = nvim.run(
        WAIT
        + """
        vim.cmd("edit good.wf")
        wait_for(function() return next(clients(0)) ~= nil and next(vim.tbl_filter(function(client)
          return client.server_capabilities and client.server_capabilities.hoverProvider end, vim.tbl_values(clients(0)))) ~= nil end)
        local _, first = next(clients(0))
        vim.fn.cursor(7, 9)
        local hover = request("textDocument/hover", vim.lsp.util.make_position_params(0, first.offset_encoding))
        vim.cmd("edit bad.wf")
        wait_for(function() return next(clients(0)) ~= nil end)
        local _, second = next(clients(0))
        return { vim.inspect(hover), first.id == second.id, first.config.root_dir }
        """,
        project,
    )
    assert "add" in found[0]
    assert found[1] is True
    assert Path(found[2]).samefile(project)


def test_a_lens_shows_the_callers(nvim: Neovim, project: Path) -> None:
    found = nvim.run(
        WAIT
        + """
        vim.cmd("edit add.ac")
        wait_for(function()
          local _, client = next(clients(0))
          return client and client.server_capabilities and client.server_capabilities.codeLensProvider
        end)
        local lenses = request("textDocument/codeLens", { textDocument = { uri = vim.uri_from_bufnr(0) } })
        local command = request("codeLens/resolve", lenses[1]).command
        local _, client = next(clients(0))
        vim.lsp.commands[command.command](command, { client_id = client.id })
        local entries = vim.fn.getqflist()
        return { command.title, #entries, vim.fn.bufname(entries[1].bufnr), entries[1].lnum }
        """,
        project,
    )
    assert found == ["1 caller", 1, "good.wf", 7]


def test_no_server_where_none_is_wanted(nvim: Neovim, project: Path) -> None:
    count = nvim.run(
        WAIT + 'vim.cmd("edit good.wf"); vim.wait(200); return vim.tbl_count(clients(0))',
        project,
        setup=NO_SERVER,
    )
    assert count == 0


# -- commands


def test_explain_shows_the_page(nvim: Neovim, project: Path) -> None:
    found = nvim.run(
        """
        vim.cmd("edit good.wf")
        vim.cmd("JccExplain JCC201")
        return { vim.fn.getline(1), vim.bo.filetype, vim.fn.getcompletion("JccExplain JCC20", "cmdline") }
        """,
        project,
        setup=NO_SERVER,
    )
    assert found[0].startswith("# JCC201: ")
    assert found[1] == "markdown"
    assert "JCC201" in found[2]


def test_explain_takes_the_diagnostic_of_the_line(nvim: Neovim, project: Path) -> None:
    line = nvim.run(
        WAIT
        + """
        vim.cmd("edit bad.wf")
        wait_for(function() return #vim.diagnostic.get(0) > 0 end)
        vim.fn.cursor(7, 1)
        vim.cmd("JccExplain")
        return vim.fn.getline(1)
        """,
        project,
    )
    assert line.startswith("# JCC201: ")


def test_the_graph_is_shown_with_what_was_just_typed(nvim: Neovim, project: Path) -> None:
    found = nvim.run(
        """
        vim.cmd("edit good.wf")
        vim.fn.setline(1, "workflow better:")
        vim.cmd("JccGraph mermaid")
        return { vim.bo.filetype, table.concat(vim.fn.getline(1, "$"), "\\n") }
        """,
        project,
        setup=NO_SERVER,
    )
    assert found[0] == "mermaid"
    assert "better" in found[1]


def test_what_goes_wrong_is_told(nvim: Neovim, project: Path) -> None:
    told = nvim.run(
        """
        local told = {}
        vim.notify = function(text) table.insert(told, text) end
        vim.cmd("edit bad.wf")
        vim.cmd("JccGraph")
        vim.cmd("JccExplain JCC999")
        vim.cmd("JccExplain")
        return told
        """,
        project,
        setup=NO_SERVER,
    )
    assert "JCC201" in told[0]
    assert "JCC999" in told[1]
    assert told[2] == "jcc: no diagnostic here; :JccExplain CODE"


def test_run_hands_the_file_and_the_inputs_to_jcc_in_a_terminal(
    nvim: Neovim, project: Path
) -> None:
    program = project / "shown"
    program.write_text('#!/bin/sh\nprintf "<%s>" "$@" > arguments\n', encoding="utf-8")
    program.chmod(0o755)

    def arguments_of(command: str) -> str:
        written = project / "arguments"
        written.unlink(missing_ok=True)
        nvim.run(
            WAIT
            + f"""
            vim.cmd("edit good.wf")
            vim.cmd([[{command}]])
            wait_for(function() return vim.fn.filereadable("arguments") == 1 end)
            """,
            project,
            setup=f'vim.g.jcc = {{ lsp = false, cmd = "{program}" }}',
        )
        return written.read_text(encoding="utf-8")

    assert arguments_of('JccRun {"n": 1}') == f'<run><{project / "good.wf"}><{{"n": 1}}>'
    assert arguments_of("JccDeployDryRun") == f"<deploy><{project / 'good.wf'}><--dry-run>"


def test_changes_on_disk_and_a_new_catalog_are_seen(nvim: Neovim, project: Path) -> None:
    entry = '{"kind": "action", "name": "nobody", "inputs": [], "outputs": [], "environment": [], "doc": ""}'
    (project / "jcc.toml").write_text('catalog = "known.json"', encoding="utf-8")
    (project / "known.json").write_text(
        '{"format": 1, "definitions": [], "schemas": {}}', encoding="utf-8"
    )
    told = nvim.run(
        WAIT
        + f"""
        local function found() return #vim.diagnostic.get(0) end
        local function write(name, text) vim.fn.writefile({{ text }}, name) end
        vim.fn.writefile({{ "workflow disk:", "\\tdo:", "\\t\\tcall nobody:" }}, "disk.wf")
        vim.cmd("edit disk.wf")
        wait_for(function() return found() == 1 end)
        write("nobody.ac", "action nobody:")
        wait_for(function() return found() == 0 end)
        vim.fn.delete("nobody.ac")
        wait_for(function() return found() == 1 end)
        local told = {{}}
        vim.notify = function(text) table.insert(told, text) end
        write("known.json", [[{{"format": 1, "definitions": [{entry}], "schemas": {{}}}}]])
        vim.cmd("JccReloadCatalog")
        wait_for(function() return found() == 0 and #told > 0 end)
        return told
        """.replace("\\t", "\t"),
        project,
    )
    assert told == ["jcc: the catalog has been read"]


def test_the_help_has_its_tags(nvim: Neovim, tmp_path: Path) -> None:
    copy = tmp_path / "doc"
    shutil.copytree(PLUGIN / "doc", copy)
    found = nvim.run(
        """
        vim.cmd("helptags doc")
        vim.opt.runtimepath:prepend(vim.fn.getcwd())
        local names = {}
        for _, tag in ipairs({ "jcc", "g:jcc", ":JccRun", ":JccDeployDryRun", ":JccGraph", ":JccExplain", ":JccReloadCatalog" }) do
          vim.cmd("help " .. tag)
          table.insert(names, vim.fn.expand("%:t") .. " " .. vim.fn.expand("<cWORD>"))
        end
        return names
        """,
        tmp_path,
        setup=NO_SERVER,
    )
    commands = ("Run", "DeployDryRun", "Graph", "Explain", "ReloadCatalog")
    tags = ["*jcc*", "*g:jcc*", *(f"*:Jcc{name}*" for name in commands)]
    assert found == [f"jcc.txt {tag}" for tag in tags]
