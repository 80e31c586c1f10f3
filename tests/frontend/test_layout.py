"""Logical lines: what a line is, how deep it stands, and what is written above it."""

from __future__ import annotations

from jcc.frontend.layout import Layout, lay_out
from jcc.frontend.lexer import tokenize
from jcc.source import Source


def layout(text: str) -> Layout:
    return lay_out(tokenize(Source("t.wf", text)))


def lines(text: str) -> list[tuple[int, str]]:
    tokens = tokenize(Source("t.wf", text))
    return [
        (line.column, "".join(tokens.texts[line.first : line.end]))
        for line in lay_out(tokens).lines
    ]


def test_blank_lines_and_comments_are_no_lines() -> None:
    assert lines("a\n\n  # c\n\t\n  b # d\n#[[\nx\n#]]\n") == [(0, "a"), (2, "b # d")]


def test_a_tab_goes_to_the_next_eighth_column() -> None:
    assert [column for column, _ in lines("\ta\n  \tb\n\t  c\n        d")] == [8, 8, 10, 8]


def test_a_byte_order_mark_is_not_indentation() -> None:
    assert lines("\ufeffa\nb") == [(0, "a"), (0, "b")]
    assert {line.indent for line in layout("\ufeffa\nb").lines} == {""}


def test_a_code_block_is_part_of_its_line() -> None:
    assert lines("x = [[\n1\n]]\ny") == [(0, "x = [[\n1\n]]"), (0, "y")]


def test_a_line_goes_on_while_a_bracket_is_open() -> None:
    assert lines("x = f(\n  1,\n\n  # c\n  2\n)\ny") == [
        (0, "x = f(\n  1,\n\n  # c\n  2\n)"),
        (0, "y"),
    ]


def test_an_unclosed_bracket_ends_with_the_indentation() -> None:
    found = layout("  x = f(1\n    , 2\n  y = 3\n")
    assert [line.column for line in found.lines] == [2, 2]
    assert found.unclosed == {0}
    assert [finding.code for finding in found.diagnostics] == ["JCC113"]


def test_a_header_with_an_unclosed_bracket_does_not_eat_its_body() -> None:
    assert [line for _, line in lines("if (v.x:\n  return\n")] == ["if (v.x:", "return"]


def test_documentation_stands_directly_above() -> None:
    found = layout("## one\n## two\na\n## far\n\nb\n## other\n# plain\nc\n  ## deep\n  d\n")
    assert found.docs == {0: "one\ntwo", 3: "deep"}
