"""Renaming: across files, in `<x>`, in code blocks, with the quotes that a name needs; and what cannot be renamed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.diagnostics import Severity
from jcc.workspace import Workspace, diagnostics
from jcc_lsp.ide.occurrences import occurrences
from jcc_lsp.ide.rename import RenameRefused, prepare, rename
from tests.lsp.marked import ADD, cursor, edited


def renamed(text: str, new: str, path: str = "test.wf", **others: str) -> dict[str, str]:
    """The changed files, with what the rename made of them."""
    at = cursor(text, path, **others)
    found = rename(*at, new)
    assert found is not None
    return edited(at.workspace, found.edits)


def only(text: str, new: str, **others: str) -> str:
    files = renamed(text, new, **others)
    assert list(files) == ["test.wf"]
    return files["test.wf"]


CALLER = """\
workflow caller:
	in:
		input	number
	out:
		output	number
	do:
		call add:
			[[ $i{counter} = $a{input}; ]]
		into:
			<counter>
		call add:
			<counter>
			step = 2
		into:
			[[ v.counter = o["counter"] ]]
	wfomap:
		output = v.counter
"""


def test_an_action_is_renamed_in_all_its_callers() -> None:
    assert renamed(ADD.replace("add", "a$0dd", 1), "sum.up", "add.ac", caller_wf=CALLER) == {
        "add.ac": ADD.replace("add", "sum.up"),
        "caller.wf": CALLER.replace("call add", "call sum.up"),
    }


def test_an_input_is_renamed_in_what_callers_give() -> None:
    changed = renamed(ADD.replace("counter", "$0counter", 1), "n", "add.ac", caller_wf=CALLER)
    assert changed["add.ac"] == ADD.replace("counter", "n", 1)
    assert changed["caller.wf"] == CALLER.replace("$i{counter}", "$i{n}").replace(
        "<counter>\n\t\t\tstep", "n = v.counter\n\t\t\tstep"
    )


def test_an_output_is_renamed_in_what_callers_take() -> None:
    before, _, behind = ADD.rpartition("counter")
    changed = renamed(f"{before}$0counter{behind}", "n", "add.ac", caller_wf=CALLER)
    assert changed["caller.wf"] == CALLER.replace(
        "into:\n\t\t\t<counter>", "into:\n\t\t\tcounter = o.n"
    ).replace('o["counter"]', 'o["n"]')


def test_a_variable_is_renamed_where_it_is_copied() -> None:
    text = CALLER.replace("v.counter", "v.$0counter", 1)
    changed = renamed(text, "total", "caller.wf", add_ac=ADD)
    assert changed == {
        "caller.wf": CALLER.replace("into:\n\t\t\t<counter>", "into:\n\t\t\ttotal = o.counter")
        .replace("<counter>\n\t\t\tstep", "counter = v.total\n\t\t\tstep")
        .replace("v.counter", "v.total")
    }


def test_of_several_copied_names_the_others_stay_copied() -> None:
    text = (
        "workflow test:\n\tdo:\n\t\tcall add:\n\t\t\t<x, y> <z>  # all\n\t\teval:\n\t\t\t$0y = 1\n"
    )
    assert only(text, "Y") == (
        "workflow test:\n\tdo:\n\t\tcall add:\n\t\t\t<x> <z>  # all\n\t\t\ty = v.Y\n\t\teval:\n\t\t\tY = 1\n"
    )


def test_lines_that_end_with_crlf_stay_so() -> None:
    text = "workflow test:\r\n\tdo:\r\n\t\tcall add:\r\n\t\t\t<x> <y>\r\n\t\teval:\r\n\t\t\t$0y = 1\r\n"
    assert "\t\t\t<x> \r\n\t\t\ty = v.z\r\n" in only(text, "z")


def test_names_get_the_quotes_that_they_need() -> None:
    text = (
        "workflow test:\n\tin:\n\t\t$0x	number\n\tdo:\n\t\teval:\n"
        '\t\t\ty = a.x . a["x"] . a.\'x\'\n\t\teval:\n\t\t\t[[ v.z = a["x"] ]]\n'
    )
    changed = only(text, "it's 2nd")
    assert "\t\t'it\\'s 2nd'\tnumber" in changed
    assert "y = a.'it\\'s 2nd' . a[\"it's 2nd\"] . a.'it\\'s 2nd'" in changed
    assert 'a["it\'s 2nd"] ]]' in changed


def test_a_keyword_is_quoted_where_it_would_begin_a_statement() -> None:
    text = "workflow test:\n\tdo:\n\t\teval:\n\t\t\t$0x = 1\n\t\t\ty = v.x\n"
    assert only(text, "if").endswith("\t\t\t'if' = 1\n\t\t\ty = v.if\n")


def test_labels_locks_and_events() -> None:
    text = (
        "workflow test:\n\tlocks:\n\t\tzone	_	manual\n\tdo:\n\t\tlabel again\n\t\tlock zone 1\n"
        "\t\tsubscribe:\n\t\t\tname = 'paid'\n\t\twait_for_event:\n\t\t\tevents = array('paid')\n\t\tgoto again\n"
    )
    assert only(text.replace("goto a", "goto $0a"), "twice") == text.replace("again", "twice")
    assert only(text.replace("lock zone", "lock $0zone"), "area") == text.replace("zone", "area")
    assert only(text.replace("('paid", "('$0paid"), "done") == text.replace("paid", "done")


def test_a_temporary_is_renamed_in_its_own_map() -> None:
    text = (
        "workflow test:\n\tdo:\n\t\teval:\n\t\t\tt.$0x = 1\n\t\t\ty = t.x\n"
        "\t\teval:\n\t\t\tt.x = 2\n\t\t\tz = t.x\n"
    )
    assert only(text, "n") == text.replace("$0", "").replace("t.x", "t.n", 2)


def test_what_an_interface_demands_is_renamed_in_its_destinations() -> None:
    shape = "action shape:\n\tin:\n\t\tsize	number\n"
    text = (
        "workflow test:\n\tin:\n\t\twhich	string\n\tdo:\n\t\tinterface shape:\n\t\t\tsquare\n"
        "\t\tcall a.which:\n\t\t\t$0size = 3\n"
    )
    changed = renamed(text, "width", shape_ac=shape, square_ac=shape.replace("shape", "square"))
    assert changed == {
        "shape.ac": shape.replace("size", "width"),
        "square.ac": shape.replace("shape", "square").replace("size", "width"),
        "test.wf": text.replace("$0size", "width"),
    }


def test_a_schema_is_renamed_with_its_file() -> None:
    at = cursor(
        "workflow w:\n\tin:\n\t\tx	$0order[]\n\tdo:\n\t\treturn\n", **{"order.schema_json": "{}"}
    )
    found = rename(*at, "purchase")
    assert found is not None
    assert found.file == "order.schema.json"
    assert "x\tpurchase[]" in edited(at.workspace, found.edits)["test.wf"]


@pytest.mark.parametrize(
    ("text", "new", "reason"),
    [
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = $0length('a')\n", "l", "fixed names"),
        ("workflow w:\n\tconfig:\n\t\t$0max_steps = 3\n", "steps", "fixed names"),
        ("workflow w:\n\tdo:\n\t\tcall $0nobody:\n", "x", "not defined"),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = e.$0job_id\n", "id", "by the runtime"),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t$0x = 1\n\t\t\ty = 2\n", "y", "another variable"),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t$0x = 1\n", "a\nb", "line breaks"),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t$0x = 1\n", "", "at least one"),
        ("workflow $0w:\n\tdo:\n\t\treturn\n", "add", "another definition"),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t[[ v.$0x = 1 ]]\n", "2 x", "a code block uses it"),
        ("workflow w:\n\tdo:\n\t\teval:\n\t\t\t[[ v.$0x = 1 ]]\n", "class", "a keyword there"),
    ],
)
def test_what_cannot_be_renamed_is_refused_with_a_reason(text: str, new: str, reason: str) -> None:
    at = cursor(text, add_ac=ADD)
    with pytest.raises(RenameRefused, match=reason):
        rename(*at, new)


def test_prepare_gives_the_place_and_the_name() -> None:
    at = cursor("workflow w:\n\tin:\n\t\t'2nd$0 x'	number\n\tdo:\n\t\treturn\n")
    found = prepare(*at)
    assert found is not None
    assert found.name == "2nd x"
    assert prepare(*cursor("# no$0thing\nworkflow w:\n\tdo:\n\t\treturn\n")) is None


NAMES = st.text("abxyz_'\" .09é", min_size=1, max_size=6)


@given(st.integers(0, 40), NAMES)
def test_a_renamed_workspace_has_no_new_errors(place: int, new: str) -> None:
    """Whatever is renamed, to whatever it is renamed: what was right stays right, and renaming back is possible."""
    workspace = Workspace()
    files = {"add.ac": ADD, "caller.wf": CALLER}
    for path, text in files.items():
        workspace.set_text(path, text)
    found = occurrences(workspace, "caller.wf")
    chosen = found[place % len(found)]
    try:
        renaming = rename(workspace, "caller.wf", chosen.span.start, new)
    except RenameRefused:
        return
    assert renaming is not None
    for path, text in edited(workspace, renaming.edits).items():
        workspace.set_text(path, text)
    for path in files:
        errors = [d for d in diagnostics(workspace, path) if d.severity >= Severity.ERROR]
        assert errors == [], path


BLOCK = """\
workflow w:
	in:
		items	array
	do:
		eval:
			[[
			total = 0
			for item in a.items:
				total += item.price
			def scaled(by, total=1):
				return by * total
			v.total = f"{total} {scaled(by=total)}"
			]]
		eval:
			[[ total = 5; v.other = total ]]
	wfomap:
		all = v.total + v.other
"""


def test_a_variable_of_a_python_block_is_renamed_in_its_scope() -> None:
    assert only(BLOCK.replace("total = 0", "tot$0al = 0"), "sum_of") == (
        BLOCK.replace("total = 0", "sum_of = 0")
        .replace("total += item", "sum_of += item")
        .replace("{total}", "{sum_of}")
        .replace("by=total", "by=sum_of")
    )
    assert only(BLOCK.replace("(by, ", "(b$0y, "), "factor") == (
        BLOCK.replace("(by, ", "(factor, ")
        .replace("return by", "return factor")
        .replace("(by=", "(factor=")
    )
    assert only(BLOCK.replace("item in", "$0item in"), "one") == BLOCK.replace(
        "item in", "one in"
    ).replace("item.price", "one.price")


@pytest.mark.parametrize("new", ["item", "scaled", "v", "sum", "op_get", "for", "_x", "2nd", "a b"])
def test_a_variable_of_a_python_block_keeps_apart_from_other_names(new: str) -> None:
    at = cursor(BLOCK.replace("total = 0", "tot$0al = 0"))
    with pytest.raises(RenameRefused):
        rename(*at, new)


def test_a_variable_of_a_perl_block_is_renamed_where_it_is_meant() -> None:
    text = (
        "workflow w:\n\tdo:\n\t\teval:\n\t\t\t[perl[\n\t\t\tmy $su$0m = 0;\n\t\t\tmy @sum = (1);\n"
        '\t\t\tfor my $n (@sum) { $sum += $n; my $sum = 2; $v{sum} = $sum; }\n\t\t\t$v{x} = "$sum ${sum} $sum[0]";\n\t\t\t]perl]\n'
    )
    clean = text.replace("$0", "")
    assert only(text, "total") == (
        clean.replace("my $sum = 0", "my $total = 0")
        .replace("$sum += $n", "$total += $n")
        .replace('"$sum ${sum}', '"$total ${total}')
    )
