"""Formatting as small edits, and while typing."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jcc.fixes import apply_edits
from jcc.frontend.formatter import TABS, Style, format_parsed, format_source
from jcc.frontend.parser import parse
from jcc.source import Source, Span
from jcc_lsp.ide.formatting import format_range, format_text, format_typed
from tests.lsp.marked import CURSOR

UGLY = "workflow w:\n  do:\n      eval:\n           x=1;\n           y   =  2\n\n\n\n      return\n"
LINES = st.sampled_from(
    [
        "workflow w:",
        "action a:",
        "\tin:",
        "\t\tx  number",
        "\tdo:",
        "\t\teval:",
        "\t\t\tx=1;",
        "",
        " ",
        "#c",
    ]
)


def test_only_the_lines_that_change_are_edited() -> None:
    source = Source("w.wf", "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx=1\n\t\t\ty = 2\n")
    (edit,) = format_text(parse(source), TABS)
    assert source.text[edit.span.start : edit.span.end] == "\t\t\tx=1"
    assert edit.text == "\t\t\tx = 1"


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]), st.sampled_from([None, 2]))
def test_the_edits_make_what_the_formatter_makes(
    lines: list[str], line_end: str, spaces: int | None
) -> None:
    source, style = Source("w.wf", line_end.join(lines)), Style(spaces)
    edited = apply_edits(source.text, format_text(parse(source), style))
    assert edited == format_source(source, style)


def formatted(text: str, part: str, style: Style = TABS) -> str:
    """The text after a part of it was formatted."""
    start = text.index(part)
    span = Span(start, start + len(part))
    return apply_edits(text, format_range(parse(Source("w.wf", text)), span, style))


def test_a_part_can_be_formatted() -> None:
    good = "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx=1;\n\t\t\ty = 2\n"
    assert formatted(good, "x=1") == good.replace("x=1;", "x = 1")
    crooked = good.replace("\t\t\t", "\t\t\t\t\t")
    assert formatted(crooked, "x=1;\n\t\t\t\t\ty") == good.replace("x=1;", "x = 1")


def test_a_part_keeps_its_indentation_where_the_rest_has_another_than_the_style() -> None:
    assert formatted(UGLY, "x=1") == UGLY.replace("x=1;", "x = 1")
    spaced = "workflow w:\n  do:\n    eval:\n      x=1;\n"
    assert formatted(spaced, "x=1", Style(2)) == spaced.replace("x=1;", "x = 1")
    assert formatted(spaced, "x=1", Style(4)) == spaced.replace("x=1;", "x = 1")
    assert formatted(spaced, spaced) == "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = 1\n"


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]), st.data())
def test_a_part_is_formatted_as_the_whole_is(
    lines: list[str], line_end: str, data: st.DataObject
) -> None:
    parsed = parse(Source("w.wf", line_end.join(lines)))
    text = parsed.tokens.source.text
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    edits = format_text(parsed, TABS)
    # Where lines come or go, the edits of the whole may reach further than they must.
    assume(format_parsed(parsed).count("\n") == text.count("\n"))
    touching = [e for e in edits if e.span.start <= span.end and span.start <= e.span.end]
    assert format_range(parsed, span, TABS) == touching


def typed(text: str, character: str) -> str:
    """The text after what `$0` stands behind was typed."""
    offset = text.index(CURSOR)
    text = text.replace(CURSOR, "")
    return apply_edits(text, format_typed(parse(Source("w.wf", text)), offset, character, TABS))


def test_lines_are_indented_as_the_text_is() -> None:
    text = "workflow w:\n  do:\n    eval:\n      x=1;\n"
    assert typed(f"{text}$0", "\n") == text.replace("x=1;", "x = 1") + "      "
    text = "workflow w:\n  do:\n    eval:\n"
    assert typed(f"{text}$0", "\n") == f"{text}      "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("workflow w:\n$0", "workflow w:\n\t"),
        ("workflow w:\n\tdo:\n\t$0", "workflow w:\n\tdo:\n\t\t"),
        (
            "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx=1;\n$0",
            "workflow w:\n\tdo:\n\t\teval:\n\t\t\tx = 1\n\t\t\t",
        ),
        ("workflow w:  # a comment:\n$0", "workflow w:  # a comment:\n\t"),
        ("# a comment:\n$0", "# a comment:\n"),
        ("\n$0", "\n"),
    ],
)
def test_a_line_break_formats_the_line_and_indents_the_next(before: str, after: str) -> None:
    assert typed(before, "\n") == after


IF = "workflow w:\n\tdo:\n\t\tif a.x:\n\t\t\teval:\n\t\t\t\ty = 1\n"


@pytest.mark.parametrize(
    ("line", "aligned"),
    [
        ("\t\t\t\telse:$0", "\t\telse:"),
        ("\t\t\t\telsif a.y:$0", "\t\telsif a.y:"),
        ("\t\telse:$0", "\t\telse:"),
        ("\t\t\t\tinto:$0", "\t\t\t\tinto:"),
        ("\t\t\t\teval:$0", "\t\t\t\teval:"),
    ],
)
def test_a_colon_puts_the_line_below_what_it_goes_on_with(line: str, aligned: str) -> None:
    assert typed(IF + line, ":") == IF + aligned


@pytest.mark.parametrize(
    ("line", "aligned"),
    [
        ("\t\t\t\tout:$0", "\tout:"),
        ("\t\t\t\tinterface w:$0", "\t\t\t\tinterface w:"),
        ("\t\t\t\tout = 'do:$0'", "\t\t\t\tout = 'do:'"),
    ],
)
def test_a_colon_puts_a_section_at_the_depth_of_the_others(line: str, aligned: str) -> None:
    assert typed(IF + line, ":") == IF + aligned


def test_an_input_is_not_taken_for_a_section() -> None:
    text = "workflow w:\n\tin:\n\t\tin\tnumber\n"
    assert typed(f"{text}\t\tout:$0", ":") == f"{text}\tout:"


def test_the_first_section_stays_where_it_is() -> None:
    assert typed("workflow w:\n\tin:$0", ":") == "workflow w:\n\tin:"


def test_an_inner_statement_takes_its_own_else() -> None:
    text = IF.replace("eval", "if a.z")
    assert typed(f"{text}\t\t\t\telse:$0", ":") == f"{text}\t\t\telse:"
