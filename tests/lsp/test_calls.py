"""The call hierarchy."""

from __future__ import annotations

import pytest

from jcc_lsp.ide.calls import Calls, incoming, outgoing, unit_at
from tests.lsp.marked import ADD, cursor

CALLER = """\
workflow caller:
	in:
		list	array
	do:
		split:
			callflow other:
				x = 1
			map other using a.list:
				x = e._v
		detachflow other:
			x = 2
		interface shape:
			add
		call 'add':
			counter = 1
		call caller:
			list = a.list
		call nobody:
			x = 1
"""
OTHER = "workflow other:\n\tin:\n\t\tx	number\n\tdo:\n\t\tcall add:\n\t\t\tcounter = a.x\n"
SHAPE = "action shape:\n\tin:\n\t\tcounter	number\n"
FILES = {"add_ac": ADD, "other_wf": OTHER, "shape_ac": SHAPE}


def told(calls: list[Calls]) -> dict[str, int]:
    return {call.unit.name: len(call.places) for call in calls}


def test_a_workflow_calls_in_many_ways() -> None:
    at = cursor(CALLER.replace("caller", "$0caller", 1), "caller.wf", **FILES)
    unit = unit_at(*at)
    assert unit is not None
    assert unit.name == "caller"
    assert told(outgoing(at.workspace, "caller")) == {"other": 3, "add": 1, "caller": 1}


def test_callers_are_found_in_all_files() -> None:
    at = cursor(CALLER.replace("caller", "$0caller", 1), "caller.wf", **FILES)
    assert told(incoming(at.workspace, "add")) == {"caller": 1, "other": 1}
    assert told(incoming(at.workspace, "shape")) == {}
    assert told(incoming(at.workspace, "nobody")) == {"caller": 1}


@pytest.mark.parametrize("place", ["callflow $0other", "x = e._v\n\t\tdetachflow o$0ther"])
def test_a_callee_is_taken_where_one_is_named(place: str) -> None:
    at = cursor(CALLER.replace(place.replace("$0", ""), place), "caller.wf", **FILES)
    unit = unit_at(*at)
    assert unit is not None
    assert (unit.kind, unit.name, unit.path) == ("workflow", "other", "other.wf")


def test_what_is_not_defined_has_no_calls() -> None:
    at = cursor(CALLER.replace("nobody", "$0nobody"), "caller.wf", **FILES)
    assert unit_at(*at) is None
    assert outgoing(at.workspace, "nobody") == []
