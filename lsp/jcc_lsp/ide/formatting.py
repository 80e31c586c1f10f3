"""Formatting as edits of the lines that change: a whole text, a part of it, or what was just typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from jcc.diagnostics import Edit
from jcc.frontend.formatter import Style, format_parsed
from jcc.frontend.layout import TAB
from jcc.frontend.parser import Parsed
from jcc.frontend.tokens import FOLLOWERS, SECTIONS
from jcc.source import Source, Span

TRIGGERS = ("\n", ":")
_PARTS = ("when", "elsif")
_SECTIONS = SECTIONS.keys() - {"interface"}  # `interface NAME:` is a statement, too
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_OTHER_THAN_TABS = re.compile(r"^ +(?=\S)", re.M)
_OTHER_THAN_SPACES = re.compile(r"^[ \t]+(?=\S)", re.M)
_MANY = 4_000_000  # pairs of lines to compare


def format_text(parsed: Parsed, style: Style) -> list[Edit]:
    """The edits that bring a text into good style."""
    return list(_differences(parsed.tokens.source.text, format_parsed(parsed, style)))


def format_range(parsed: Parsed, span: Span, style: Style) -> list[Edit]:
    """Those of them that touch a part of the text. Lines keep their indentation where the rest of the text has another than the style
    wants: among lines that stay as they are a new one would make another program."""
    source = parsed.tokens.source
    edits = [
        edit
        for edit in _differences(source.text, format_parsed(parsed, style, within=span))
        if edit.span.start <= span.end and span.start <= edit.span.end
    ]
    if edits and _is_indented_otherwise(source, edits, style):
        return [kept for edit in edits if (kept := _with_old_indentation(source, edit))]
    return edits


def format_typed(parsed: Parsed, offset: int, typed: str, style: Style) -> list[Edit]:
    """What is to be done behind a character that was typed: behind a line break the line above is formatted and the new one
    indented; behind the `:` of `else:`, `into:` and the like the line is put below the statement that it goes on with."""
    source = parsed.tokens.source
    line = source.position(offset).line
    if typed == ":":
        return _aligned(source, line)
    if typed != "\n" or line < 2:
        return []
    above = source.line_span(line - 1)
    edits = [
        edit
        for edit in format_range(parsed, above, style)
        if above.start <= edit.span.start and edit.span.end <= above.end
    ]
    before = edits[0].text if edits else source.line_text(line - 1)
    return [*edits, *_indented(source, line, before, style)]


def _is_indented_otherwise(source: Source, edits: list[Edit], style: Style) -> bool:
    """Whether a line that no edit touches does not begin as one of the style does."""
    other = _OTHER_THAN_TABS if style.spaces is None else _OTHER_THAN_SPACES
    first, last = edits[0].span.start, edits[-1].span.end
    for found in other.finditer(source.text):
        if not first <= found.start() <= last:
            width = found.end() - found.start()
            if style.spaces is None or found.group()[0] == "\t" or width % style.spaces:
                return True
    return False


def _with_old_indentation(source: Source, edit: Edit) -> Edit | None:
    """An edit that changes no indentation; None where nothing is left of it, or lines come or go."""
    text = source.text[edit.span.start : edit.span.end]
    old, new = text.split("\n"), edit.text.split("\n")
    if len(old) != len(new):
        return None
    pairs = zip(old, new, strict=True)
    kept = "\n".join(_indent(before) + after.lstrip(" \t") for before, after in pairs)
    return Edit(edit.span, kept) if kept != text else None


# -- what was typed -------------------------------------------------------------------------------------------------


def _indented(source: Source, line: int, above: str, style: Style) -> Iterator[Edit]:
    """A new empty line is indented like the one above, or deeper below one that ends with a colon."""
    text = source.line_text(line)
    if text.strip() or not above.strip():
        return
    wanted = _indent(above)
    if above.partition("#")[0].rstrip().endswith(":"):
        wanted += _unit(source, line - 1, style)
    if text != wanted:
        yield Edit(source.line_span(line), wanted)


def _unit(source: Source, line: int, style: Style) -> str:
    """A level of indentation: as the lines above a line, and it, have it, else as the style wants it."""
    inner = _indent(source.line_text(line))
    for number in range(line - 1, 0, -1):
        text = source.line_text(number)
        indent = _indent(text)
        if text.strip() and len(indent) < len(inner):
            return inner[len(indent) :] if inner.startswith(indent) else style.indent
    return style.indent


def _aligned(source: Source, line: int) -> list[Edit]:
    """A line that goes on with a statement stands below it, or below a part that already does; a section below another."""
    text = source.line_text(line)
    word = _word(text)
    if not text.rstrip().endswith(":"):
        return []
    if word in FOLLOWERS:
        begun = {*FOLLOWERS[word], *(w for w in _PARTS if {*FOLLOWERS[w]} & {*FOLLOWERS[word]})}
    elif word in _SECTIONS and text.strip() == f"{word}:":
        begun = _SECTIONS
    else:
        return []
    width = _width(text)
    for number in range(line - 1, 0, -1):
        above = source.line_text(number)
        if not above.strip() or _width(above) > width:
            continue
        if _word(above) in begun and not (begun is _SECTIONS and _is_declaration(above)):
            start = source.line_span(line).start
            old = Span(start, start + len(_indent(text)))
            return [] if _indent(above) == _indent(text) else [Edit(old, _indent(above))]
        width = _width(above)
    return []


def _is_declaration(line: str) -> bool:
    """Whether a line that begins with a section's word is no header: `in number` declares an input."""
    return not line.strip().startswith(f"{_word(line)}:")


def _word(line: str) -> str:
    return line.strip().partition(" ")[0].rstrip(":")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _width(line: str) -> int:
    return len(_indent(line).expandtabs(TAB))


# -- edits from two texts -------------------------------------------------------------------------------------------


def _differences(before: str, after: str) -> Iterator[Edit]:
    """Edits of whole lines: small ones, so that the cursor and the marks in all other lines stay where they are."""
    old, new = _LINE.findall(before), _LINE.findall(after)
    starts = list(accumulate(map(len, old), initial=0))
    head, tail = _alike(old, new)
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    for first, last, begin, end in _hunks(*middle):
        text = "".join(new[head + begin : head + end])
        start, stop = starts[head + first], starts[head + last]
        for ending in ("\r\n", "\n"):
            if text.endswith(ending) and before.endswith(ending, start, stop):
                text, stop = text.removesuffix(ending), stop - len(ending)
        yield Edit(Span(start, stop), text)


def _alike(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines the two texts have in common at their beginning and at their end."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _hunks(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """The lines of the one text that become other lines."""
    hunks = [(0, len(old), 0, len(new))]
    if len(old) != len(new) and len(old) * len(new) <= _MANY:
        opcodes = SequenceMatcher(None, old, new, False).get_opcodes()
        hunks = [(i, j, k, m) for tag, i, j, k, m in opcodes if tag != "equal"]
    for first, last, begin, end in hunks:
        if last - first == end - begin:
            pairs = zip(range(first, last), range(begin, end), strict=True)
            yield from ((at, at + 1, to, to + 1) for at, to in pairs if old[at] != new[to])
        else:
            yield first, last, begin, end
