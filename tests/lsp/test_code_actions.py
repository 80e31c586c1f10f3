"""What the editor offers to change, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from jcc.diagnostics import Edit, Severity
from jcc.fixes import apply_edits
from jcc.frontend import ast
from jcc.source import Span
from jcc.workspace import Workspace, analysed, diagnostics, source
from jcc_lsp.ide.code_actions import Action, code_actions
from tests.conftest import ROOT

ADD = """\
action add:
	in:
		counter	number
		step	number	1
	out:
		counter	number
"""
HEAD = """\
workflow test:
	in:
		input	number
	out:
		output	number
	wfomap:
		output = v.thing
	do:
		eval:
			thing = a.input
"""


def workspace_of(text: str, **others: str) -> Workspace:
    workspace = Workspace()
    workspace.set_text("add.ac", ADD)
    workspace.set_text("test.wf", text)
    for name, other in others.items():
        workspace.set_text(".".join(name.rsplit("_", 1)), other)
    return workspace


def offered(
    text: str, others: Mapping[str, str], *, new_files: bool = True
) -> tuple[Workspace, list[Action]]:
    """The actions where `$0` is, or between two of them."""
    start, end = text.index("$0"), text.rindex("$0")
    clean = text.replace("$0", "")
    span = Span(start, end - 2 if end > start else start)
    workspace = workspace_of(clean, **others)
    found = [
        finding
        for finding in diagnostics(workspace, "test.wf")
        if finding.span.start <= span.end and span.start <= finding.span.end
    ]
    return workspace, list(code_actions(workspace, "test.wf", span, found, new_files=new_files))


def after(workspace: Workspace, action: Action) -> dict[str, str]:
    """The files that an action changes or makes, as they are then."""
    changes = action.changes()
    texts: dict[str, str] = {}
    for path in {edit.path for edit in changes.edits}:
        edits = [Edit(edit.span, edit.text) for edit in changes.edits if edit.path == path]
        texts[path] = apply_edits(source(workspace, path).text, edits)
    if changes.new_file is not None:
        texts[changes.new_file.name] = changes.new_file.text
    return texts


def applied(text: str, title: str, *, new_files: bool = True, **others: str) -> dict[str, str]:
    """What comes of the action of a title."""
    workspace, actions = offered(text, others, new_files=new_files)
    titles = [action.title for action in actions]
    assert title in titles
    return after(workspace, actions[titles.index(title)])


def titles(text: str, **others: str) -> list[str]:
    return [action.title for action in offered(text, others)[1]]


# -- fixes and suppressions -----------------------------------------------------------------------------------------


def test_the_fix_of_a_finding() -> None:
    text = HEAD + "\t\tcall ad$0:\n\t\t\tcounter = 1\n"
    changed = applied(text, "change it to `add`")
    assert changed == {"test.wf": (HEAD + "\t\tcall add:\n\t\t\tcounter = 1\n")}
    _, actions = offered(text, {})
    fix = next(action for action in actions if action.title == "change it to `add`")
    assert not fix.is_preferred  # a guess
    assert fix.finding is not None
    assert fix.finding.code == "JCC201"


def test_a_safe_fix_is_preferred() -> None:
    _, actions = offered("workflow test$0\n\tdo:\n\t\tsleep 1\n", {})
    assert next(action.is_preferred for action in actions if action.finding is not None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("call ad$0:", "call ad:  # jcc: ignore[JCC201]"),
        ("call ad$0:  # why", "call ad:  # why  # jcc: ignore[JCC201]"),
        ("call ad$0: # jcc: ignore[JCC205]", "call ad: # jcc: ignore[JCC205, JCC201]"),
        ("call ad$0: # jcc: ignore[]", "call ad: # jcc: ignore[JCC201]"),
    ],
)
def test_silence_a_finding(line: str, expected: str) -> None:
    changed = applied(f"{HEAD}\t\t{line}\n\t\t\tcounter = 1\n", "ignore JCC201 in this line")
    assert changed == {"test.wf": f"{HEAD}\t\t{expected}\n\t\t\tcounter = 1\n"}
    codes = [d.code for d in diagnostics(workspace_of(changed["test.wf"]), "test.wf")]
    assert "JCC201" not in codes


def test_above_a_block_that_goes_on_in_the_next_line() -> None:
    text = HEAD + "\t\tcall add:\n\t\t\t[[ import$0 os\n\t\t\ti.counter = 1 ]]\n"
    changed = applied(text, "ignore JCC610 in this line")["test.wf"]
    assert "\t\t\t# jcc: ignore[JCC610]\n\t\t\t[[ import os\n" in changed
    codes = [d.code for d in diagnostics(workspace_of(changed), "test.wf")]
    assert "JCC610" not in codes


def test_no_comment_can_stand_within_a_block() -> None:
    text = HEAD + "\t\tcall add:\n\t\t\t[[ i.counter = 1\n\t\t\timport$0 os\n\t\t\ti.step = 1 ]]\n"
    assert not any(title.startswith("ignore") for title in titles(text))


# -- what is missing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("call ad$0d:\n\t\t\tstep = 2\n", "call add:\n\t\t\tstep = 2\n\t\t\tcounter = v.counter\n"),
        ("call ad$0d:\n", "call add:\n\t\t\tcounter = v.counter\n"),
        ("call te$0st:\n", "call test:\n\t\t\tinput = a.input\n"),
        ("subscr$0ibe:\n\t\t\tmask = 1\n", "subscribe:\n\t\t\tmask = 1\n\t\t\tname = v.name\n"),
    ],
)
def test_missing_inputs(body: str, expected: str) -> None:
    changed = applied(f"{HEAD}\t\t{body}", "add the missing input")
    assert changed == {"test.wf": f"{HEAD}\t\t{expected}"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("call ad$0d", "call add:"),
        ("call ad$0d  # soon", "call add:  # soon"),
        ("call ad$0d: # a: b", "call add: # a: b"),
    ],
)
def test_a_header_gets_the_colon_that_it_lacks(header: str, expected: str) -> None:
    changed = applied(f"{HEAD}\t\t{header}\n", "add the missing input")
    assert changed == {"test.wf": f"{HEAD}\t\t{expected}\n\t\t\tcounter = v.counter\n"}


def test_a_block_is_not_added_to() -> None:
    text = HEAD + "\t\tcall ad$0d:\n\t\t\t[[ i.step = 1 ]]\n"
    assert "add the missing input" not in titles(text)


@pytest.mark.parametrize("statement", ["lock zo$0ne 1", "wait_for_lock zo$0ne:\n\t\t\tvalue = 1"])
def test_declare_a_lock_as_manual(statement: str) -> None:
    text = f"{HEAD}\t\t{statement}\n".replace("\tdo:", "\tlocks:\n\t\tzone 'a' inherit # x\n\tdo:")
    changed = applied(text, "declare the lock `zone` as `manual`")["test.wf"]
    assert "\t\tzone 'a' manual inherit # x\n" in changed
    codes = [d.code for d in diagnostics(workspace_of(changed), "test.wf")]
    assert "JCC502" not in codes


def test_declare_a_lock() -> None:
    text = HEAD + "\t\tlock zo$0ne 1\n"
    changed = applied(text, "declare the lock `zone`")["test.wf"]
    assert "\tlocks:\n\t\tzone _ manual\n\twfomap:\n" in changed
    assert not [d for d in diagnostics(workspace_of(changed), "test.wf") if d.code == "JCC501"]
    again = changed.replace("lock zone 1\n", "lock zone 1\n\t\tlock ot$0her 1\n")
    assert (
        "\t\tzone _ manual\n\t\tother _ manual\n"
        in applied(again, "declare the lock `other`")["test.wf"]
    )


def test_declare_outputs_and_inputs() -> None:
    text = HEAD.replace("output = v.thing\n", "output = v.thing\n\t\tte$0xt = 'x'\n")
    changed = applied(text, "declare the output `text`")
    assert "\t\toutput\tnumber\n\t\ttext\tstring\n" in changed["test.wf"]
    text = HEAD + "\t\tcall add:\n\t\t\tcounter = 1\n\t\tinto:\n\t\t\tx = o.mo$0re\n"
    changed = applied(text, "declare the output `more` in `add`")
    assert changed == {"add.ac": ADD + "\t\tmore\tany\n"}
    text = HEAD + "\t\tcall add:\n\t\t\tcounter = 1\n\t\t\tli$0st = array('x')\n"
    changed = applied(text, "declare the input `list` in `add`")
    assert "\t\tstep\tnumber\t1\n\t\tlist\tstring[]\n" in changed["add.ac"]
    text = HEAD.replace("thing = a.input", "thing = a.oth$0er")
    changed = applied(text, "declare the input `other`")
    assert "\t\tinput\tnumber\n\t\tother\tany\n" in changed["test.wf"]


def test_a_definition_without_any_section() -> None:
    changed = applied(
        HEAD + "\t\tcall bare:\n\t\t\tx$0 = 1\n",
        "declare the input `x` in `bare`",
        bare_ac="action bare:\n",
    )
    assert changed == {"bare.ac": "action bare:\n\tin:\n\t\tx\tinteger\n"}


def test_an_output_that_nothing_makes() -> None:
    text = HEAD.replace("\twfomap:\n\t\toutput = v.thing\n", "").replace("output", "$0output")
    changed = applied(text, "make the output `output` in `wfomap:`")
    assert "\twfomap:\n\t\toutput = v.output\n\tdo:\n" in changed["test.wf"]
    changed = applied(text, "declare `output` as `optional`")
    assert "\t\toutput\tnumber\toptional\n" in changed["test.wf"]
    text = HEAD.replace("\t\toutput\tnumber\n", "\t\toutput\tnumber\n\t\t$0more\tstring\n")
    changed = applied(text, "make the output `more` in `wfomap:`")
    assert "\t\toutput = v.thing\n\t\tmore = v.more\n" in changed["test.wf"]


# -- create ---------------------------------------------------------------------------------------------------------


def test_create_the_action_that_is_called() -> None:
    text = (
        HEAD
        + """\
		call dns.$0set:
			domain = 'a.' . a.input
			value = a.input
			<thing>
		into:
			thing = o.number
			<serial>
"""
    )
    changed = applied(text, "create the action `dns.set`")
    assert changed == {
        "dns.set.ac": """\
action dns.set:
	in:
		domain	string
		value	number
		thing	number
	out:
		number	any
		serial	any
"""
    }
    workspace = workspace_of(text.replace("$0", ""), **{"dns.set_ac": changed["dns.set.ac"]})
    assert "JCC201" not in [found.code for found in diagnostics(workspace, "test.wf")]
    within = applied(text, "create the action `dns.set`", new_files=False)
    assert within["test.wf"] == text.replace("$0", "") + "\n" + changed["dns.set.ac"]


def test_create_the_workflow_that_is_called() -> None:
    text = (
        HEAD + "\t\tmap $0bill using array(1):\n\t\t\tn = e._v\n\t\tcollect:\n\t\t\ty ,= o.total\n"
    )
    assert applied(text, "create the workflow `bill`") == {
        "bill.wf": """\
workflow bill:
	in:
		n	integer
	out:
		total	any
	wfomap:
		total = v.total
	do:
		raise_error 'this is to be written'
"""
    }


def test_what_cannot_name_a_file_is_created_in_this_one() -> None:
    changed = applied(f"{HEAD}\t\tcall $0'../x':\n", "create the action `../x`")
    assert list(changed) == ["test.wf"]
    assert changed["test.wf"].endswith("\n\naction '../x':\n")


# -- extract --------------------------------------------------------------------------------------------------------

PARTS = (
    HEAD
    + """\
		$0call add:
			counter = v.thing
			step = a.input
		into:
			thing = o.counter
			count = o.counter$0
		if v.count > 3:
			sleep 1
"""
)


def test_extract_to_a_new_file() -> None:
    changed = applied(PARTS, "extract to a workflow")
    assert changed["test.wf"] == (
        HEAD
        + """\
		call test_part1:
			input = a.input
			thing = v.thing
		into:
			thing = o.thing
			count = o.count
		if v.count > 3:
			sleep 1
"""
    )
    assert (
        changed["test_part1.wf"]
        == """\
workflow test_part1:
	in:
		input	number
		thing	number
	out:
		thing	number
		count	number
	wfomap:
		thing = v.thing
		count = v.count
	do:
		eval:
			thing = a.thing
		call add:
			counter = v.thing
			step = a.input
		into:
			thing = o.counter
			count = o.counter
"""
    )


@pytest.mark.parametrize(
    ("selected", "taken"),
    [
        ("sleep $01$0", "sleep 1\n"),
        ("sl$0eep 1\n\t\tsleep$0 2", "sleep 1\n\t\tsleep 2\n"),
        (
            "sleep $01\n\t\tif v.thing:\n\t\t\tsleep$0 2",
            "sleep 1\n\t\tif v.thing:\n\t\t\tsleep 2\n",
        ),
        ("if v.thing:\n\t\t\tsl$0eep$0 2", "\tsleep 2\n"),
        ("if $0v.thing$0:\n\t\t\tsleep 2", "if v.thing:\n\t\t\tsleep 2\n"),
    ],
)
def test_what_is_selected_in_part_is_extracted_whole(selected: str, taken: str) -> None:
    changed = applied(f"{HEAD}\t\t{selected}\n", "extract to a workflow")
    text = selected.replace("$0", "")
    assert taken in f"\t\t{text}\n"
    assert changed["test_part1.wf"].replace("\t", "").endswith(taken.replace("\t", ""))
    assert taken not in changed["test.wf"]


def test_extract_within_the_file_for_a_client_that_makes_none() -> None:
    changed = applied(PARTS, "extract to a workflow", new_files=False)
    assert set(changed) == {"test.wf"}
    assert "\n\nworkflow test_part1:\n" in changed["test.wf"]


def test_what_is_set_on_some_paths_only_is_optional() -> None:
    body = "\t\t$0if a.input > 1:\n\t\t\teval:\n\t\t\t\textra = 'x'$0\n\t\tif defined(v.extra):\n\t\t\tsleep 1\n"
    changed = applied(HEAD + body, "extract to a workflow")
    assert "extra\tstring\toptional" in changed["test_part1.wf"]
    assert "extra = ifdef(v.extra)" in changed["test_part1.wf"]
    assert "extra = ifdef(o.extra)" in changed["test.wf"]


def test_windows_line_ends_are_kept() -> None:
    changed = applied(PARTS.replace("\n", "\r\n"), "extract to a workflow")
    for text in changed.values():
        assert text.count("\n") == text.count("\r\n") > 5


@pytest.mark.parametrize(
    "body",
    [
        "\t\t$0return$0\n",
        "\t\tlabel x\n\t\tsleep 1\n\t\t$0goto x$0\n",
        "\t\t$0call add:\n\t\t\t<*>$0\n",
        "\t\ttry:\n\t\t\tsleep 1\n\t\tcatch:\n\t\t\t$0sleep e._error.msg$0\n",
        "\t\tif $0v.thing:\n\t\t\treturn$0\n",
        "\t\t$0\t$0\n",
        "\t\t$0sleep (((\n\t\tsleep 2$0\n",
        "\t\t$0eval:\n\t\t\t[[ v = {} ]]$0\n",
    ],
)
def test_what_cannot_be_extracted(body: str) -> None:
    assert "extract to a workflow" not in titles(HEAD + body)


def errors(workspace: Workspace) -> list[str]:
    return [
        f"{path}: {found.code} {found.message}"
        for path in workspace.jcl_paths
        for found in diagnostics(workspace, path)
        if found.severity is Severity.ERROR
    ]


@pytest.mark.parametrize(
    "path", sorted(Path(ROOT / "tests" / "conformance").rglob("*.wf")), ids=lambda path: path.stem
)
def test_extracting_any_statement_makes_no_error(path: Path) -> None:
    folder = {file: file.read_text(encoding="utf-8") for file in path.parent.glob("*.ac")}
    workspace = Workspace()
    for file, text in folder.items():
        workspace.set_text(file.name, text)
    workspace.set_text("test.wf", path.read_bytes().decode("utf-8", "replace"))
    before = errors(workspace)
    if before:
        return
    spans = [
        statement.span
        for analysis in analysed(workspace, "test.wf")
        for block in analysis.model.survey.sequences
        for statement in block.statements
        if not isinstance(statement, ast.Label)
    ]
    for span in spans:
        for action in code_actions(workspace, "test.wf", span, []):
            if action.title == "extract to a workflow":
                changed = after(workspace, action)
                then = Workspace()
                for file, text in folder.items():
                    then.set_text(file.name, text)
                for name, text in changed.items():
                    then.set_text(name, text)
                assert errors(then) == before, changed


# -- inline ---------------------------------------------------------------------------------------------------------

CHILD = """\
workflow child:
	in:
		x	number
		y	number
		z	string	'zz'
	out:
		res	number
		text	string
	wfomap:
		res = v.thing
		text = a.z . 'q'
	do:
		eval:
			thing = a.x + a.y
		while v.thing > 3:
			eval:
				thing -= 1
"""
CALL = """\
		call ch$0ild:
			x = v.thing
			y = v.thing + 1
		into:
			<res>
			more = 'so: ' . o.text
		sleep v.more . v.res
"""


def test_inline() -> None:
    changed = applied(HEAD + CALL, "inline the workflow `child`", child_wf=CHILD)
    assert changed == {
        "test.wf": HEAD
        + """\
		eval:
			y = v.thing + 1
			z = 'zz'
		eval:
			thing_ = v.thing + v.y
		while v.thing_ > 3:
			eval:
				thing_ -= 1
		eval:
			res = v.thing_
			more = 'so: ' . (v.z . 'q')
		sleep v.more . v.res
"""
    }
    assert not errors(workspace_of(changed["test.wf"]))


COPYING = """\
workflow child:
	in:
		x	number
	out:
		counter	number
		thing	number
	do:
		call add:
			counter = a.x
		into:
			<counter>
		eval:
			thing += v.counter
		call add:
			<counter>
			step = v.thing
		into:
			<counter>
	wfomap:
		<counter, thing>
"""


def test_inline_what_copies_names() -> None:
    call = "\t\tcall ch$0ild:\n\t\t\tx = v.thing\n\t\tinto:\n\t\t\tn = o.counter\n\t\t\tsum = o.thing\n"
    changed = applied(HEAD + call, "inline the workflow `child`", child_wf=COPYING)
    assert (
        changed["test.wf"].removeprefix(HEAD)
        == """\
		call add:
			counter = v.thing
		into:
			<counter>
		eval:
			thing_ += v.counter
		call add:
			<counter>
			step = v.thing_
		into:
			<counter>
		eval:
			n = v.counter
			sum = v.thing_
"""
    )


def test_inlined_in_a_loop_the_variables_begin_anew() -> None:
    call = "\t\twhile a.x:\n\t\t\tcall ch$0ild:\n\t\t\t\tx = 1\n\t\t\tinto:\n\t\t\t\tcounter = o.thing\n"
    changed = applied(HEAD + call, "inline the workflow `child`", child_wf=COPYING)
    assert (
        changed["test.wf"].removeprefix(HEAD)
        == """\
		while a.x:
			eval:
				counter_ = null
				thing_ = null
				x = 1
			call add:
				counter = v.x
			into:
				counter_ = o.counter
			eval:
				thing_ += v.counter_
			call add:
				counter = v.counter_
				step = v.thing_
			into:
				counter_ = o.counter
			eval:
				counter = v.thing_
"""
    )


@pytest.mark.parametrize(
    ("caller", "child"),
    [
        (CALL + "\t\tcall child:\n\t\t\tx = 1\n\t\t\ty = 1\n", CHILD),
        (CALL, CHILD + "\t\treturn\n"),
        (CALL, CHILD.replace("\tdo:", "\tconfig:\n\t\tmax_steps = 3\n\tdo:")),
        (CALL, CHILD.replace("thing = a.x + a.y", "[[ v.thing = a.x + a.y ]]")),
        (CALL.replace("<res>", "<*>"), CHILD),
        (CALL, CHILD.replace("\t\tres = v.thing\n", "\t\t<thing> <res>\n")),
        (CALL.replace("<res>", "[[ v.res = o.res ]]"), CHILD),
    ],
)
def test_what_cannot_be_inlined(caller: str, child: str) -> None:
    assert "inline the workflow `child`" not in titles(HEAD + caller, child_wf=child)


# -- migrate --------------------------------------------------------------------------------------------------------


def test_perl_becomes_native() -> None:
    text = HEAD + "\t\tcall add:\n\t\t\t[[ $i{cou$0nter} = $v{thing}; $i{step} = 2; ]]\n"
    changed = applied(text, "rewrite this Perl block as native lines")
    assert changed == {"test.wf": HEAD + "\t\tcall add:\n\t\t\tcounter = v.thing\n\t\t\tstep = 2\n"}


def test_python_stays() -> None:
    text = HEAD + "\t\tcall add:\n\t\t\t[[ i.cou$0nter = 1 ]]\n"
    assert not any("rewrite" in title for title in titles(text))
