"""Families 3xx and 7xx: what does not fit together, and what is right and must be let alone."""

from __future__ import annotations

import pytest

from tests.frontend.semantics import LIBRARY, analysed, findings, workflow

ORDER = {
    "type": "object",
    "properties": {"price": {"type": "number"}, "state": {"enum": ["new", "paid"]}},
    "required": ["price"],
    "additionalProperties": False,
}


def in_body(body: str, sections: str = "") -> list[str]:
    """The findings of a body, hints apart."""
    source, _, found = analysed(workflow(body, sections), {"order": ORDER})
    return [
        f"{d.code} {source.text[d.span.start : d.span.end]}"
        for d in found
        if d.severity.name != "HINT"
    ]


def test_the_library_is_clean() -> None:
    assert findings(LIBRARY) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        # what is given
        ("call add:\n\tcounter = a.s", ["JCC301 a.s"]),
        ("call add:\n\tcounter = a.n\n\tstep = a.list", ["JCC301 a.list"]),
        ("call add:\n\tcounter = a.x", []),
        ("call add:\n\tcounter = null", []),
        ("call add:\n\tcounter = [[ 1 ]]", []),
        ("call add:\n\tcounter = fromjson(a.s)", []),
        ("call add:\n\tcounter = a.maybe", ["JCC325 a.maybe"]),
        ("call add:\n\tcounter = a.maybe // 0", []),
        ("call add:\n\tcounter = ifdef(a.maybe)", ["JCC325 ifdef(a.maybe)"]),
        ("call add:\n\tcounter = 0\n\tcounter = ifdef(a.maybe)", []),
        ("call add:\n\tcounter = 0\n\tstep = ifdef(a.maybe)", []),
        ("call add:\n\tcounter = ifdef(a.n)", []),
        ("if defined(a.maybe):\n\tcall add:\n\t\tcounter = a.maybe", []),
        ("if a.maybe > 3:\n\tcall add:\n\t\tcounter = a.maybe", []),
        ("if !defined(a.maybe):\n\treturn\ncall add:\n\tcounter = a.maybe", []),
        ("assert defined(a.maybe):\n\t'none'\ncall add:\n\tcounter = a.maybe", []),
        (
            "eval:\n\ty = a.s\nif a.flag:\n\teval:\n\t\ty = 1\ncall add:\n\tcounter = v.y",
            ["JCC302 v.y"],
        ),
        ("call fetch:\n\tkey = 1", ["JCC301 1"]),
        ("call fetch:\n\tkey = 'k'\ninto:\n\tr = o.data\ncall add:\n\tcounter = v.r.count", []),
        ("raise_event:\n\tevent = a.s", ["JCC301 a.s"]),
        ("subscribe:\n\tname = a.n\n\tmask = object(a: 1)", ["JCC301 a.n"]),
        # functions
        ("sleep length(a.n)", []),  # a number counts as its text
        ("sleep sum(a.s)", ["JCC303 a.s"]),
        ("sleep sum(a.x)", []),
        ("sleep abs('x')", ["JCC303 'x'"]),
        ("sleep abs('3')", []),
        ("sleep length(upper(a.list))", ["JCC303 a.list"]),
        ("sleep length(keys(a.list))", ["JCC303 a.list"]),
        ("sleep length()", ["JCC304 length"]),
        ("sleep length(a.s, a.s)", ["JCC304 length"]),
        ("sleep max(1, 2, 3)", []),
        ("sleep length(join(a.list))", []),
        ("raise_error now(1)", ["JCC304 now"]),
        # arithmetic
        ("sleep a.list + 1", ["JCC307 a.list"]),
        ("sleep -a.list", ["JCC307 a.list"]),
        ("sleep a.s + 1", []),  # may be numeric
        ("sleep a.maybe + 1", []),  # null counts as 0
        ("sleep a.flag + 1", []),
        ("sleep 'x' + 1", ["JCC308 'x'"]),
        ("sleep '12' + 1", []),
        ("sleep ' 1e3 ' * 1", []),
        ("eval:\n\ty = 1\n\ty += 'x'\nsleep v.y", ["JCC308 'x'"]),
        ("sleep 1 / 0", ["JCC319 0"]),
        ("sleep 1 % 0", ["JCC319 0"]),
        ("sleep 0 / 1", []),
        ("sleep a.n ** 0", []),
        # strings
        ("raise_error 'x' . a.n . a.flag . a.maybe", []),
        ("raise_error 'x' . a.list", ["JCC309 a.list"]),
        ("raise_error 'x' . tojson(a.list)", []),
        ("if a.list eq 'x':\n\tsleep 1", ["JCC309 a.list"]),
        # paths
        ("sleep a.s.length", ["JCC310 length"]),
        ("sleep a.list.length", ["JCC310 length"]),
        ("sleep a.list[0].x", ["JCC310 x"]),
        ("sleep a.x.y.z[3]", []),
        ("sleep a.x[a.s]", []),
        ("eval:\n\ty = 'x'\n\ty.z = 1\nraise_error tojson(v.y)", ["JCC311 z"]),
        ("eval:\n\ty.z = 1\n\ty.z.k = 2\nraise_error tojson(v.y)", ["JCC311 k"]),
        ("eval:\n\ty = object(a: 1)\nsleep v.y.b", ["JCC312 b"]),
        ("eval:\n\ty = object(a: 1)\n\ty.b = 2\nsleep v.y.b", []),
        ("eval:\n\ty = object(a: 1)\n\ty[a.s] = 2\nsleep v.y.b", []),
        # arrays
        ("map child using a.s:\n\tinput = 1", ["JCC313 a.s"]),
        ("map child using a.x:\n\tinput = 1", []),
        ("eval:\n\ty = a.s\n\ty ,= 1\nraise_error tojson(v.y)", ["JCC313 y"]),
        ("eval:\n\ty ,= 1\nraise_error tojson(v.y)", []),
        # conditions
        ("if true:\n\tsleep 1", ["JCC314 true"]),
        ("if false:\n\tsleep 1", ["JCC315 false"]),
        ("if 0:\n\tsleep 1", ["JCC315 0"]),
        ("if !false:\n\tsleep 1", ["JCC314 !false"]),
        ("assert false:\n\t'never here'", []),
        ("if a.list:\n\tsleep 1", ["JCC316 a.list"]),
        ("if a.flag && !a.list:\n\tsleep 1", ["JCC316 a.list"]),
        ("if length(a.list):\n\tsleep 1", []),
        ("if a.x:\n\tsleep 1", []),
        # comparisons
        ("if a.list == 3:\n\tsleep 1", ["JCC317 a.list == 3"]),
        ("if a.list == array():\n\tsleep 1", []),
        ("if a.list < 3:\n\tsleep 1", ["JCC307 a.list"]),
        ("case a.flag:\nwhen 'true':\n\tsleep 1\nwhen 1:\n\tsleep 2", ["JCC318 1"]),
        ("case a.n:\nwhen 1:\n\tsleep 1\nwhen one:\n\tsleep 2", ["JCC318 one"]),
        ("case a.s:\nwhen 1:\n\tsleep 1\nwhen one:\n\tsleep 2", []),
        ("case a.maybe:\nwhen 1:\n\tsleep 1\nwhen '':\n\tsleep 2", []),
        # forms
        ("if a.s =~ /(/:\n\tsleep 1", ["JCC320 /(/"]),
        ("if a.s =~ /^\\d{3}(?<x>a+)\\x{41}$/i:\n\tsleep 1", []),
        ("if matches(a.s, '['):\n\tsleep 1", ["JCC320 '['"]),
        ("sleep 'soon'", ["JCC321 'soon'"]),
        ("sleep -1", ["JCC321 -1"]),
        ("sleep '1 day 2:30'", []),
        ("sleep 'P1DT2H'", []),
        ("sleep '1.5 hours'", []),
        ("sleep '3'", []),
        ("sleep a.s", []),
        ("sleep a.list", ["JCC321 a.list"]),
        ("sleep a.flag", ["JCC321 a.flag"]),
        ("sleep null", ["JCC321 null"]),
        ("sleep a.maybe", ["JCC325 a.maybe"]),
        ("case a.list:\nwhen x:\n\tsleep 1", ["JCC309 a.list"]),
        ("sleep:\n\ttimeout = 'soon'", ["JCC321 'soon'"]),
        ("wait_for_event:\n\tevents = a.list\n\ttimeout = 'soon'", ["JCC321 'soon'"]),
    ],
)
def test_types(body: str, found: list[str]) -> None:
    assert in_body(body) == found


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        ("out:\n\ty\tnumber\nwfomap:\n\ty = a.s", ["JCC306 a.s"]),
        ("out:\n\ty\tinteger\nwfomap:\n\ty = a.n", []),  # it may be whole
        ("out:\n\ty\tstring\nwfomap:\n\ty = a.n . ''", []),
        ("out:\n\ty\torder\nwfomap:\n\ty = object(price: a.n)", []),
        ("out:\n\ty\torder\nwfomap:\n\ty = object(prize: a.n)", ["JCC306 object(prize: a.n)"]),
        (
            "out:\n\ty\torder\nwfomap:\n\ty = object(price: a.n, state: 'old')",
            ["JCC306 object(price: a.n, state: 'old')"],
        ),
        ("out:\n\ty\torder[]\nwfomap:\n\ty = array(object(price: a.n))", []),
        ("out:\n\ty\torder[]\nwfomap:\n\ty = object(price: a.n)", ["JCC306 object(price: a.n)"]),
        ("out:\n\ty\tstring\nwfomap:\n\ty = a.maybe", ["JCC306 a.maybe"]),
        ("out:\n\ty\tnumber\nwfomap:\n\ty = a.maybe", []),  # null passes
        ("out:\n\ty\tnumber\nwfomap:\n\ty = ifdef(a.maybe)", ["JCC325 ifdef(a.maybe)"]),
        ("out:\n\ty\tnumber\toptional\nwfomap:\n\ty = ifdef(a.maybe)", []),
        ("out:\n\ty\tnumber\nwfomap:\n\ty = 0\n\ty = ifdef(a.maybe)", []),
    ],
)
def test_outputs(sections: str, found: list[str]) -> None:
    assert in_body("sleep 1", sections) == found


def test_values_of_a_schema() -> None:
    body = "case a.o.state:\nwhen new, old:\n\tsleep a.o.prize"
    text = workflow(body).replace("\t\tx\tany", "\t\tx\tany\n\t\to\torder")
    source, _, found = analysed(text, {"order": ORDER})
    assert [source.text[d.span.start : d.span.end] for d in found if d.severity.name != "HINT"] == [
        "old",
        "prize",
    ]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("a.s == 'x'", ["JCC701 =="]),
        ("a.s != 'x'", ["JCC701 !="]),
        ("a.x == 'x'", ["JCC701 =="]),
        ("a.s == a.s", ["JCC701 =="]),
        ("a.s == '12'", []),
        ("a.s == 12", []),
        ("a.x == a.x", []),
        ("a.n == 1", []),
        ("a.s eq 'x'", []),
        ("a.s < a.s", ["JCC702 <"]),
        ("a.s < 'x'", ["JCC308 'x'"]),
        ("a.s lt 'x'", []),
        ("a.n ** 2 ** 2", ["JCC703 ** 2 **"]),
        ("a.n ** (2 ** 2)", []),
        ("(a.n ** 2) ** 2", []),
        ("a.n eq 3", ["JCC705 eq"]),
        ("a.n eq '3'", []),
        ("a.x eq 3", []),
        ("a.flag eq '1'", ["JCC706 '1'"]),
        ("a.flag eq 'true'", []),
        ("!a.n == 1", ["JCC707 !a.n"]),
        ("!(a.n == 1)", []),
        ("(!a.flag) == a.flag", []),
        ("a.s + a.s", ["JCC708 +"]),
        ("a.s + a.n", []),
        ("'x' . a.n + 1", ["JCC709 +"]),
        ("'x' . (a.n + 1)", []),
        ("a.n + 1 . 'x'", []),
    ],
)
def test_habits(expression: str, found: list[str]) -> None:
    assert in_body(f"eval:\n\ty = {expression}\nraise_error v.y") == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a.n or 5", ["JCC704 or"]),
        ("a.n and 5", ["JCC704 and"]),
        ("(a.n or 5)", []),
        ("a.n || 5", []),
        ("a.n // 5", []),
        ("defined(a.n) ", []),
    ],
)
def test_loose_operators(value: str, found: list[str]) -> None:
    assert in_body(f"eval:\n\ty = {value}\nraise_error v.y") == found


@pytest.mark.parametrize(
    ("before", "after", "safe"),
    [
        ("a.s == 'x'", "a.s eq 'x'", True),
        ("a.s=='x'", "a.s eq 'x'", True),
        ("a.s == a.s", "a.s eq a.s", False),
        ("a.n ** 2 ** 3", "a.n ** (2 ** 3)", True),
    ],
)
def test_fixes(before: str, after: str, safe: bool) -> None:
    text = workflow(f"if {before}:\n\tsleep 1")
    _, _, found = analysed(text)
    (habit,) = [d for d in found if d.code.startswith("JCC7")]
    assert habit.fix is not None
    for edit in reversed(habit.fix.edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert f"if {after}:" in text
    assert habit.fix.safe is safe
