"""All mentions of a symbol, in all files and in code blocks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jcc.workspace import source
from jcc_lsp.ide import occurrences
from jcc_lsp.ide.references import highlights, references
from jcc_lsp.ide.results import Location
from jcc_lsp.ide.symbols import Occurrence
from tests.lsp.marked import ADD, cursor, line_of, shown

CALLER = """\
workflow caller:
	in:
		input	number
	do:
		call add:
			[[ $i{counter} = $a{input}; ]]
		into:
			<counter>
		map add using array(1, 2):
			counter = e._v
		collect:
			sum ,= o.counter
	wfomap:
		[[ o.output = v["counter"] ]]
"""


def found(text: str, *, with_declaration: bool = True, **others: str) -> list[str]:
    at = cursor(text, **others)
    return shown(at.workspace, references(*at, with_declaration=with_declaration))


def test_an_input_is_mentioned_by_all_callers() -> None:
    declared = ADD.replace("counter", "$0counter", 1)
    assert found(declared, path="add.ac", caller_wf=CALLER) == [
        "add.ac:3: «counter» number",
        "caller.wf:6: [[ $i{«counter»} = $a{input}; ]]",
        "caller.wf:10: «counter» = e._v",
    ]


def test_an_output_is_not_the_input_of_the_same_name() -> None:
    before, _, behind = ADD.rpartition("counter")
    assert found(f"{before}$0counter{behind}", path="add.ac", caller_wf=CALLER) == [
        "add.ac:6: «counter» number",
        "caller.wf:8: <«counter»>",
        "caller.wf:12: sum ,= o.«counter»",
    ]


def test_declarations_can_be_left_out() -> None:
    callers = found(
        ADD.replace("add", "$0add", 1), path="add.ac", caller_wf=CALLER, with_declaration=False
    )
    assert callers == ["caller.wf:5: call «add»:", "caller.wf:9: map «add» using array(1, 2):"]


def test_variables_of_two_definitions_have_nothing_to_do_with_each_other() -> None:
    one = "workflow one:\n\tdo:\n\t\teval:\n\t\t\t$0x = 1\n\t\t\ty = v.x\n"
    other = one.replace("one", "other").replace("$0", "")
    assert found(one, path="one.wf", other_wf=other) == [
        "one.wf:4: «x» = 1",
        "one.wf:5: y = v.«x»",
    ]


def test_a_lock_type_is_the_same_everywhere() -> None:
    text = (
        "workflow w:\n\tlocks:\n\t\t$0zone\t_\tmanual\n\tdo:\n\t\tlock zone 1\n\t\tunlock zone 1\n"
    )
    other = "workflow o:\n\tlocks:\n\t\tzone\t_\tmanual\n\tdo:\n\t\tlock zone 2\n"
    assert found(text, path="w.wf", o_wf=other) == [
        "o.wf:3: «zone» _ manual",
        "o.wf:5: lock «zone» 2",
        "w.wf:3: «zone» _ manual",
        "w.wf:5: lock «zone» 1",
        "w.wf:6: unlock «zone» 1",
    ]


def test_a_schema_is_mentioned_by_its_types() -> None:
    at = cursor(
        "workflow w:\n\tin:\n\t\ta\t$0order\n\t\tb\torder[]\n\tdo:\n\t\treturn\n",
        **{"order.schema_json": "{}"},
    )
    assert shown(at.workspace, references(*at, with_declaration=True)) == [
        "test.wf:3: a «order»",
        "test.wf:4: b «order»[]",
        "order.schema.json:1: «»{}",
    ]


def test_highlights_tell_what_is_written() -> None:
    at = cursor(
        "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = 1\n\t\t\ty = v.$0x\n\t\teval:\n\t\t\t[[ v.x += 1 ]]\n"
    )
    text = source(at.workspace, at.path)
    assert [(line_of(text, span), is_write) for span, is_write in highlights(*at)] == [
        ("4: «x» = 1", True),
        ("5: y = v.«x»", False),
        ("7: [[ v.«x» += 1 ]]", True),
    ]


def test_an_edit_in_a_callee_leaves_what_is_known_of_the_names_in_its_callers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_through: list[str] = []
    find = occurrences._Finder.all

    def noted(self: occurrences._Finder) -> Iterator[Occurrence]:
        looked_through.append(self.here)
        return find(self)

    monkeypatch.setattr(occurrences._Finder, "all", noted)
    caller = CALLER.replace("[[ $i{counter} = $a{input}; ]]", "counter = a.input")
    caller = caller.replace('[[ o.output = v["counter"] ]]', "output = v.counter")
    declared = ADD.replace("counter", "$0counter", 1)
    at = cursor(declared, path="add.ac", caller_wf=caller)

    def mentions() -> list[Location]:
        return references(*at, with_declaration=True)

    before = mentions()
    assert len(before) == 3
    assert "0@caller.wf" in looked_through
    looked_through.clear()
    text = source(at.workspace, "add.ac").text
    at.workspace.set_text("add.ac", text + "\t\tmore\tnumber\n")
    assert mentions() == before
    assert looked_through
    assert "0@caller.wf" not in looked_through
