"""The signature of what is being called."""

from __future__ import annotations

import pytest

from jcc_lsp.ide.signature_help import signature_help
from tests.lsp.marked import cursor

ADD = "action add:\n\tin:\n\t\tcounter\tnumber\n\t\tstep\tnumber\t1\n\tout:\n\t\tcounter\tnumber\n"
HEAD = "workflow test:\n\tdo:\n"
SIGNATURE = "add(counter: number, step: number = 1) -> (counter number)"


def help_at(text: str) -> tuple[str, str | None] | None:
    """The label, and the part of it that is active."""
    found = signature_help(*cursor(HEAD + text, add_ac=ADD))
    if found is None:
        return None
    if found.active is None:
        return found.label, None
    start, end, _ = found.parameters[found.active]
    return found.label, found.label[start:end]


@pytest.mark.parametrize(
    ("text", "name", "active"),
    [
        ("\t\tif substr($0", "substr", "s: string"),
        ("\t\tif substr(v.x, $0", "substr", "from: integer"),
        ("\t\tif substr(v.x, min(1, 2), $0)", "substr", "len?: integer"),
        ("\t\tif substr(v.x, min(1, $0", "min", "...values: any"),
        ("\t\tif concat('a', 'b', 'c', 'd$0')", "concat", "...parts: string"),
        ("\t\tif lower(v.a[1], $0)", "lower", None),
        ("\t\tcall add:\n\t\t\t[[ i.counter = round(v.x, $0 ]]\n", "round", "digits?: integer"),
    ],
)
def test_functions(text: str, name: str, active: str | None) -> None:
    found = help_at(text)
    assert found is not None
    assert found[0].startswith(f"{name}(")
    assert found[1] == active


@pytest.mark.parametrize(
    ("text", "active"),
    [
        ("\t\tcall add:\n\t\t\t$0", "counter: number"),
        ("\t\tcall add:\n\t\t\tcounter = 1\n\t\t\t$0", "step: number = 1"),
        ("\t\tcall add:\n\t\t\tcounter = 1\n\t\t\tstep = v.x + $0", "step: number = 1"),
        ("\t\tcall add:\n\t\t\tstep = $0\n\t\t\tcounter = 1\n", "step: number = 1"),
    ],
)
def test_inputs_of_a_callee(text: str, active: str) -> None:
    assert help_at(text) == (SIGNATURE, active)


def test_statements_of_the_language() -> None:
    found = help_at("\t\tsubscribe:\n\t\t\tname = 'x'\n\t\t\t$0")
    assert found == ("subscribe(name: string, mask?: object)", "mask?: object")


@pytest.mark.parametrize(
    "text", ["\t\tif (v.x, $0)", "\t\tsleep $0", "\t\teval:\n\t\t\tx = $0", "$0"]
)
def test_nothing_is_called(text: str) -> None:
    assert help_at(text) is None
