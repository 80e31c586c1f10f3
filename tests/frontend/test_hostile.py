"""Texts that nobody would write: they give findings, never an exception, and in time that grows with their length."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jcc.frontend.parser import Parsed, parse
from jcc.source import Source
from tests.frontend.sexpr import sexpr

BODY = "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = {}\n\t\t\ty = 1\n"


def parsed(text: str) -> Parsed:
    found = parse(Source("t.wf", text))
    assert "".join(found.tokens.texts) == text
    for finding in found.diagnostics:
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
    return found


def codes(text: str) -> list[str]:
    return [finding.code for finding in parsed(text).diagnostics]


WORDS = st.sampled_from(
    [
        "workflow",
        "action",
        "in",
        "out",
        "do",
        "locks",
        "config",
        "call",
        "into",
        "if",
        "elsif",
        "else",
        "while",
        "repeat",
        "until",
        "case",
        "when",
        "split",
        "callflow",
        "map",
        "using",
        "collect",
        "try",
        "catch",
        "eval",
        "let",
        "lock",
        "assert",
        "interface",
        "label",
        "goto",
        "return",
        "not",
        "and",
        "x",
        "lt",
        "true",
        "null",
        "object",
        "optional",
        "manual",
        "v.a",
        "o.x",
        "'q'",
        '"w"',
        "name",
        "12",
        ".5",
        "[[",
        "]]",
        "[t[",
        "]t]",
        "#[[",
        "#]]",
        "#",
        "##",
        "~",
        "=~",
        "/re/",
        "=",
        ".=",
        ",=",
        "<",
        ">",
        "<=",
        "==",
        "!",
        "**",
        "*",
        "//",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        ";",
        ",",
        ".",
        "?",
        "$",
        "é",
        "\\",
    ]
)
BLANKS = st.sampled_from(["", " ", "\n", "\n\t", "\n\t\t", "\n\t\t\t", "\n    ", "\r\n"])


@given(st.lists(st.tuples(WORDS, BLANKS), max_size=60))
@settings(max_examples=400)
def test_any_words(pieces: list[tuple[str, str]]) -> None:
    parsed("".join(word + blank for word, blank in pieces))


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_any_text(text: str) -> None:
    parsed(text)


GOOD = (
    "workflow w:\n\tin:\n\t\ta number 1\n\tlocks:\n\t\tb _ manual\n\tdo:\n\t\tif v.a > (1 + 2):\n\t\t\tcall c:\n"
    "\t\t\t\tx = v.a[0].b . 'd'\n\t\t\tinto:\n\t\t\t\t<e>\n\t\telse:\n\t\t\tlock b [[ 1 ]]\n\t\tcase v.f:\n"
    "\t\twhen g:\n\t\t\treturn\n"
)


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 12),
    st.sampled_from(["", "(", "'", "\n", ":", "x ", "[["]),
)
@settings(max_examples=300)
def test_a_good_text_with_a_hole(at: int, size: int, put: str) -> None:
    parsed(GOOD[:at] + put + GOOD[at + size :])


@given(st.text(alphabet="(!-[v.a+ x1),'", max_size=80))
@settings(max_examples=200)
def test_what_follows_a_broken_line_keeps_its_meaning(value: str) -> None:
    file = parsed(BODY.format(value)).file
    assert "Assign(.y, =, 1)" in sexpr(file)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("(" * 10_000 + "1" + ")" * 10_000, "JCC128"),
        ("1" + " + 1" * 10_000, "JCC128"),
        ("!" * 10_000 + "1", "JCC128"),
        ("not " * 10_000 + "1", "JCC128"),
        ("1" + " ** 1" * 10_000, "JCC128"),
        ("v.a" + "[v.a" * 10_000 + "]" * 10_000, "JCC128"),
        ("f(" * 10_000 + ")" * 10_000, "JCC128"),
        ("(" * 10_000, "JCC113"),
        (")" * 10_000, "JCC114"),
        ("9" * 10_000, "JCC105"),
        ("\\" * 10_000, "JCC106"),
    ],
)
def test_depth(value: str, code: str) -> None:
    found = parsed(BODY.format(value))
    assert code in [finding.code for finding in found.diagnostics]
    assert "Assign(.y, =, 1)" in sexpr(found.file)


def test_a_long_flat_value_is_not_deep() -> None:
    assert codes(BODY.format("array(" + "1 + 2, " * 1_000 + ")")) == []
    assert codes(BODY.format("object(" + "a: v.b . 'c', " * 1_000 + ")")) == []
    assert codes(BODY.format("1").replace("x = 1", "<x> " * 1_000)) == []


def test_deep_blocks() -> None:
    lines = "".join("\t" * depth + "if v.a:\n" for depth in range(2, 10_000 // 4))
    assert codes("workflow w:\n\tdo:\n" + lines) == ["JCC149"]


def test_the_deepest_expression_in_the_deepest_block() -> None:
    depth = 100
    lines = "".join(" " * (n + 2) + "if v.a:\n" for n in range(depth - 1))
    text = "workflow w:\n do:\n" + lines + " " * (depth + 1) + "sleep " + "!" * 199 + "v.a\n"
    assert codes(text) == []


HOSTILE: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n,
    "unclosed blocks": lambda n: "[[" * n,
    "unclosed blocks with tags": lambda n: "".join(f"[t{i}[" for i in range(n)),
    "blocks opened in a string": lambda n: "'[[" * n,
    "unclosed comments": lambda n: "#[[" * n,
    "unclosed blocks behind a closer": lambda n: "]]" + "[[" * n,
    "unclosed strings": lambda n: "'\n" * n,
    "backslashes": lambda n: "'" + "\\" * n,
    "regular expressions": lambda n: "~ /" * n,
    "long number": lambda n: "1" * n,
    "exponents": lambda n: "1e" * n,
    "long path": lambda n: "a." * n,
    "carriage returns": lambda n: "\r" * n,
    "empty lines": lambda n: "\n" * n,
    "NUL": lambda n: "\0" * n,
    "lone surrogates": lambda n: "\ud800" * n,
    "unclosed brackets": lambda n: "workflow w:\n\tdo:\n\t\teval:\n" + "\t\t\tx = (1 +\n" * n,
    "misspelled statements": lambda n: "workflow w:\n\tdo:\n" + "\t\twhle v.a:\n\t\t\treturn\n" * n,
    "else": lambda n: (
        "workflow w:\n\tdo:\n\t\tif 1:\n\t\t\treturn\n" + "\t\telse:\n\t\t\treturn\n" * n
    ),
    "steps down": lambda n: (
        "workflow w:\n\tdo:\n" + "".join(" " * (n - i + 20) + "return\n" for i in range(n))
    ),
    "copies": lambda n: "workflow w:\n\tdo:\n\t\teval:\n\t\t\t" + "<x> " * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_with_the_length(name: str) -> None:
    """Counts the calls made, which do not depend on how busy the machine is."""

    def calls(text: str) -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(counted)
        try:
            parse(Source("t.wf", text))
        finally:
            sys.setprofile(None)
        return count

    make = HOSTILE[name]
    parsed(make(50))  # the grammar's shapes are learned outside of the measurement
    parsed(make(800))
    parsed(make(1600))
    small, large = calls(make(800)), calls(make(1600))
    assert large <= 3 * small + 2_000
