"""From a name to where it comes from, for every kind of symbol."""

from __future__ import annotations

import pytest

from jcc_lsp.ide.definition import declarations, definitions, implementations, type_definitions
from tests.lsp.marked import ADD, CURSOR, cursor, shown

WORKFLOW = """\
workflow test:
	in:
		input	number
		order	order[]?
	out:
		output	number
	wfenv:
		rate = 3
	locks:
		customer	_	manual
	wfomap:
		output = v.thing
	do:
		label again
		eval:
			t.x = a.input
			thing = t.x + e.rate
			thing += 1
		lock customer a.input
		subscribe:
			name = 'paid'
			mask = object()
		wait_for_event:
			events = array('paid')
		call add:
			counter = v.thing
		into:
			thing = o.counter
		call add:
			counter = 1
		into:
			[[ v.thing = o["counter"] + a.input ]]
		goto again
"""


def at(line: str, place: str, text: str = WORKFLOW) -> str:
    """The text with the cursor before a part of a line."""
    assert text.count(line) == 1, line
    return text.replace(line, line.replace(place, CURSOR + place, 1))


@pytest.mark.parametrize(
    ("line", "place", "expected"),
    [
        ("t.x = a.input", "input", ["test.wf:3: «input» number"]),
        ("call add:\n\t\t\tcounter = v", "add", ["add.ac:1: action «add»:"]),
        ("counter = v.thing", "counter", ["add.ac:3: «counter» number"]),
        ("thing = o.counter", "counter", ["add.ac:6: «counter» number"]),
        ("output = v.thing", "output", ["test.wf:6: «output» number"]),
        ("t.x + e.rate", "x", ["test.wf:16: t.«x» = a.input"]),
        ("t.x + e.rate", "rate", ["test.wf:8: «rate» = 3"]),
        ("goto again", "again", ["test.wf:14: label «again»"]),
        ("lock customer a", "customer", ["test.wf:10: «customer» _ manual"]),
        ("array('paid')", "paid", ["test.wf:21: name = '«paid»'"]),
        ("order[]?", "order", ["order.schema.json:1: «»{}"]),
        ('o["counter"] +', "counter", ["add.ac:6: «counter» number"]),
        ("+ a.input ]]", "input", ["test.wf:3: «input» number"]),
    ],
)
def test_definition(line: str, place: str, expected: list[str]) -> None:
    found = cursor(at(line, place), add_ac=ADD, **{"order.schema_json": "{}"})
    assert shown(found.workspace, definitions(*found)) == expected


def test_a_variable_is_defined_wherever_it_is_set() -> None:
    found = cursor(at("output = v.thing", "thing"), add_ac=ADD)
    assert shown(found.workspace, definitions(*found)) == [
        "test.wf:17: «thing» = t.x + e.rate",
        "test.wf:18: «thing» += 1",
        "test.wf:28: «thing» = o.counter",
        'test.wf:32: [[ v.«thing» = o["counter"] + a.input ]]',
    ]
    assert shown(found.workspace, declarations(*found)) == ["test.wf:17: «thing» = t.x + e.rate"]


def test_a_copied_name_is_two() -> None:
    found = cursor(
        "workflow w:\n\tdo:\n\t\teval:\n\t\t\tcounter = 1\n\t\tcall add:\n\t\t\t<$0counter>\n",
        add_ac=ADD,
    )
    assert shown(found.workspace, definitions(*found)) == [
        "test.wf:4: «counter» = 1",
        "add.ac:3: «counter» number",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "$0",
        "workflow w:\n\tdo:\n\t\tcall $0nobody:\n",
        "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = $0length('a')\n",
        "# com$0ment\nworkflow w:\n\tdo:\n\t\treturn\n",
        "workflow $0",
    ],
)
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert definitions(*cursor(text)) == []


SHAPE = "action shape:\n\tin:\n\t\tsize	number\n\tout:\n\t\tarea	number\n"
CIRCLE = "action circle:\n\tinterface shape:\n"
SQUARE = "action square:\n\tin:\n\t\tsize	number\n\tout:\n\t\tarea	number\n"
DRAW = """\
workflow draw:
	in:
		which	string
	do:
		interface $0shape:
			square
		call a.which:
			size = 3
		into:
			area = o.area
	wfomap:
		area = v.area
"""


def test_an_interface_leads_to_what_implements_it() -> None:
    found = cursor(DRAW, shape_ac=SHAPE, circle_ac=CIRCLE, square_ac=SQUARE)
    assert shown(found.workspace, implementations(*found)) == [
        "circle.ac:1: action «circle»:",
        "square.ac:1: action «square»:",
    ]


def test_the_inputs_of_what_implements_an_interface_are_those_of_the_interface() -> None:
    caller = "workflow w:\n\tdo:\n\t\tcall circle:\n\t\t\t$0size = 1\n"
    found = cursor(caller, shape_ac=SHAPE, circle_ac=CIRCLE)
    assert shown(found.workspace, definitions(*found)) == ["shape.ac:3: «size» number"]


@pytest.mark.parametrize("place", ["a.order", "v.order"])
def test_the_type_of_a_value_is_its_schema(place: str) -> None:
    text = (
        "workflow w:\n\tin:\n\t\torder\torder[]?\n\tdo:\n\t\teval:\n\t\t\torder = a.order\n"
        f"\t\tassert {place[:2]}$0{place[2:]}:\n\t\t\t'none'\n"
    )
    found = cursor(text, **{"order.schema_json": "{}"})
    assert shown(found.workspace, type_definitions(*found)) == ["order.schema.json:1: «»{}"]
