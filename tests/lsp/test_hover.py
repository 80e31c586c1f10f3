"""Hover tells types as the flow knows them at the place, and the documentation of everything that has one."""

from __future__ import annotations

import pytest

from jcc_lsp.ide.hover import hover
from tests.lsp.marked import cursor

OTHERS = {
    "add_ac": "## Adds a step.\naction add:\n\tin:\n\t\t## the start\n\t\tcounter\tnumber\n\t\tstep\tnumber\t1\n"
    "\tout:\n\t\tcounter\tnumber\n"
}
HEAD = """\
workflow test:
	in:
		order	order
		name	string
	config:
		max_steps = 300
	locks:
		zone _ manual
	do:
		eval:
			seen = 1
"""
ORDER = '{"description": "What is sold.", "properties": {"id": {"type": "integer"}}, "required": ["id"]}'


def text_at(text: str) -> str | None:
    at = cursor(text, **OTHERS)
    at.workspace.set_text("order.schema.json", ORDER)
    found = hover(*at)
    return None if found is None else found.text


def types_at(text: str) -> str:
    """The first line of the first code block."""
    found = text_at(HEAD + text)
    assert found is not None
    return found.split("\n")[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\t\tif v.se$0en:\n\t\t\tsleep 1\n", "v.seen: 1"),
        ("\t\tif v.seen > 1 and a.na$0me:\n\t\t\tsleep 1\n", "a.name: string"),
        ("\t\tif a.name eq 'x':\n\t\t\teval:\n\t\t\t\ty = a.n$0ame\n", 'a.name: "x"'),
        ("\t\teval:\n\t\t\tse$0en = 'text'\n", 'v.seen: "text"'),
        ("\t\teval:\n\t\t\tseen = 'text' . v.see$0n\n", "v.seen: 1"),
        ("\t\teval:\n\t\t\tx = a.order.i$0d\n", "a.order.id: integer"),
        (
            "\t\tcall add:\n\t\t\tcounter = 1\n\t\tinto:\n\t\t\tn = o.coun$0ter\n",
            "o.counter: number",
        ),
        ("\t\tcall add:\n\t\t\tcounter = 1\n\t\tinto:\n\t\t\t<coun$0ter>\n", "o.counter: number"),
        ("\t\tcall add:\n\t\t\t[[ i.counter = v.see$0n ]]\n", "v.seen: 1"),
        ("\t\teval:\n\t\t\tt.x = 1.5\n\t\t\ty = t.$0x\n", "t.x: 1.5"),
        ("\t\teval:\n\t\t\ty = e.job_i$0d\n", "e.job_id: integer"),
        ("\t\twhile v.seen < 9:\n\t\t\teval:\n\t\t\t\tse$0en += 1\n", "v.seen: integer"),
        ("\t\teval:\n\t\t\tx = v.lat$0er\n\t\teval:\n\t\t\tlater = 1\n", "v.later: null"),
    ],
)
def test_the_type_that_the_flow_knows(text: str, expected: str) -> None:
    assert types_at(text) == expected


def test_both_sides_of_a_short_form() -> None:
    found = text_at(HEAD + "\t\tcall add:\n\t\t\tcounter = 1\n\t\tinto:\n\t\t\t<coun$0ter>\n")
    assert found is not None
    assert "o.counter: number" in found
    assert "v.counter: number" in found


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("\t\tcall a$0dd:\n\t\t\tcounter = 1\n", "Adds a step."),
        ("\t\tcall a$0dd:\n\t\t\tcounter = 1\n", "step number 1"),
        ("\t\tcall add:\n\t\t\tcoun$0ter = 1\n", "the start"),
        ("\t\tca$0ll add:\n\t\t\tcounter = 1\n", "waits for its outputs"),
        ("\t\tcall add:\n\t\t\tcounter = 1\n\t\tin$0to:\n\t\t\tx = o.counter\n", "output map"),
        ("\t\teval:\n\t\t\tx = con$0cat('a')\n", "concat(...parts: string) -> string"),
        ("\t\tcall add:\n\t\t\t[[ i.counter = leng$0th(a.name) ]]\n", "length(x:"),
        ("\t\tif v.seen an$0d a.name:\n\t\t\tsleep 1\n", "`and`"),
        ("\t\tif $0v.seen:\n\t\t\tsleep 1\n", "the variables of the job"),
        ("\t\tlock zo$0ne 1\n", "`zone _ manual`"),
        ("\t\tsubscribe:\n\t\t\tna$0me = 'x'\n", "required input of `subscribe`"),
        ("\t\tsleep 1 # jcc: ignore[JCC$0201]\n", "# JCC201: unknown-action"),
    ],
)
def test_documentation(text: str, part: str) -> None:
    found = text_at(HEAD + text)
    assert found is not None
    assert part in found


@pytest.mark.parametrize(
    ("mark", "part"),
    [
        ("max_st", "How many steps"),
        ("\tor", "required input of `test`"),
        ("\tstr", "A text."),
        ("conf", "Settings"),
        ("work", "Defines a workflow"),
        ("order\tord", "What is sold."),
    ],
)
def test_declarations(mark: str, part: str) -> None:
    found = text_at(HEAD.replace(mark, f"{mark}$0", 1))
    assert found is not None
    assert part in found


def test_nothing_is_said_of_numbers_and_blanks() -> None:
    assert text_at(HEAD + "\t\tsleep 1$02\n") is None
    assert text_at("$0\n" + HEAD) is None
    assert text_at("workflow w:\n\tdo:\n\t\t\t$0\n") is None


def test_the_place_is_that_of_the_name() -> None:
    at = cursor(HEAD + "\t\tif v.se$0en:\n\t\t\tsleep 1\n", **OTHERS)
    found = hover(*at)
    assert found is not None
    text = (HEAD + "\t\tif v.seen:\n")[found.span.start : found.span.end]
    assert text == "seen"
