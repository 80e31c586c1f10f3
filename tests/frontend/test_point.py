"""What is known at one place within a step."""

from __future__ import annotations

import pytest

from jcc.frontend.model import SemanticModel
from jcc.frontend.places import (
    CHILD_INPUT_MAP,
    EVAL,
    EXPRESSION,
    INPUT_MAP,
    OUTPUT_MAP,
    OUTPUTS_OF_JOB,
    Place,
)
from jcc.frontend.point import Point, point_at, point_of
from jcc.frontend.types import UNSET, display
from jcc.workspace import Workspace, analysed

TEXT = """\
workflow w:
	in:
		list	array
	wfomap:
		done = v.done
		twice = o.done
	do:
		eval:
			t.half = 0.5
			seen = t.half
			seen = 'text'
		if a.list:
			call add:
				counter = v.seen
				step = i.counter
			into:
				done = o.counter
				more = v.done
		split:
			callflow child:
				x = 1
			into:
				first = 1
			map child using a.list:
				x = e._v
			collect:
				second = v.first
"""
ADD = "action add:\n\tin:\n\t\tcounter\tany\n\t\tstep\tany\n\tout:\n\t\tcounter\tnumber\n"
CHILD = "workflow child:\n\tin:\n\t\tx\tany\n\tdo:\n\t\tsleep 1\n"


def model() -> SemanticModel:
    workspace = Workspace()
    workspace.set_text("add.ac", ADD)
    workspace.set_text("child.wf", CHILD)
    workspace.set_text("w.wf", TEXT)
    return analysed(workspace, "w.wf")[0].model


def shown(point: Point, path: str) -> str:
    root, name = path.split(".")
    type = point.lookup(root, name)
    return "unset" if type is UNSET else display(type)


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("t.half = 0.5", "t.half", "unset"),
        ("seen = t.half", "t.half", "0.5"),
        ("seen = t.half", "v.seen", "unset"),
        ("seen = 'text'", "v.seen", "0.5"),
        ("counter = v.seen", "v.seen", '"text"'),
        ("step = i.counter", "i.counter", '"text"'),
        ("done = o.counter", "o.counter", "number"),
        ("done = o.counter", "v.done", "unset"),
        ("more = v.done", "v.done", "number"),
        ("x = e._v", "e._i", "integer"),
        ("second = v.first", "v.first", "1"),
        ("twice = o.done", "o.done", "number?"),
    ],
)
def test_what_the_lines_above_have_done(line: str, path: str, expected: str) -> None:
    assert shown(point_of(model(), TEXT.index(line)), path) == expected


def test_behind_an_assignment() -> None:
    at = TEXT.index("seen = 'text'")
    assert shown(point_of(model(), at, after=True), "v.seen") == '"text"'


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("eval:", EVAL),
        ("call add", INPUT_MAP),
        ("call add", OUTPUT_MAP),
        ("map child", CHILD_INPUT_MAP),
        ("workflow w", OUTPUTS_OF_JOB),
        ("if a.list", EXPRESSION),
        ("split:", EXPRESSION),
    ],
)
def test_the_names_of_every_object_can_be_listed(statement: str, place: Place) -> None:
    found = point_at(model(), place, TEXT.index(statement), len(TEXT))
    assert set(found.names("a")) == {"list"}
    assert set(found.names("v")) == {"seen", "done", "more", "first", "second"}
    assert {"job_id", "client"} <= set(found.names("e"))
    assert "_error" not in found.names("e")
    assert ("counter" in found.names("o")) == (place is OUTPUT_MAP)


def test_where_no_step_begins_the_next_one_tells() -> None:
    found = point_at(model(), EXPRESSION, TEXT.index("if a.list") - 1, 0)
    assert shown(found, "v.seen") == '"text"'
