"""A Python block's text: its common indentation taken away, and the way back from a line and column to the JCL file.

Knows strings, comments and brackets (which lines go on from the line before), nothing else of Python."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from jcc.source import Span

TAB = 8

_TOKEN = re.compile(
    r"""\#[^\n]*
      | [A-Za-z]{0,2}(?P<long>'{3}|"{3})(?:\\.|(?!(?P=long)).)*(?P=long)
      | [A-Za-z]{0,2}(?:'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
      | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<break>\\?\n) | \w+ | [^\S\n]+ | .""",
    re.VERBOSE | re.DOTALL,
)
_LEADING = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text`, which has no line break, in place of `start:end` of the block's Python."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Surface:
    """What the look at tokens found: the offsets of the lines that begin no statement, the strings that have line breaks
    (start, end), the deepest nesting of brackets, and the longest run of strings beside each other."""

    continued: frozenset[int]
    strings: tuple[tuple[int, int], ...]
    depth: int
    run: int


@dataclass(frozen=True, slots=True)
class PythonText:
    """`python` is what Python reads. Line number `n` (from 0) of it begins at `starts[n]`; its text begins at offset
    `origins[n]` of the file, behind `indents[n]` blanks that are its own."""

    python: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    indents: tuple[int, ...]
    end: int
    surface: Surface

    def offset(self, at: int) -> int:
        """The place in the file of an offset in `python`."""
        line = bisect_right(self.starts, at) - 1
        inside = max(0, at - self.starts[line] - self.indents[line])
        return min(self.origins[line] + inside, self.end)

    def span(self, start: int, end: int) -> Span:
        first, last = self.offset(start), self.offset(end)
        return Span(first, max(first, last))

    def at(self, line: int, column: int) -> int:
        """The offset in `python` of a line (from 1) and a column in UTF-8 bytes, as `ast` counts."""
        start = self.starts[min(line, len(self.starts)) - 1]
        end = self.python.find("\n", start)
        text = self.python[start : end if end >= 0 else len(self.python)]
        if text.isascii():
            return start + min(column, len(text))
        return start + len(text.encode()[:column].decode(errors="ignore"))

    def edited(self, edits: list[Edit]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The lines with the edits, without the empty ones, each with its place in the file."""
        lines: list[str] = []
        origins: list[int] = []
        pieces: list[str] = []
        at = line_start = 0

        def end_line(origin: int) -> None:
            text = "".join(pieces).rstrip()
            pieces.clear()
            if text:
                lines.append(text)
                origins.append(self.offset(origin))
            elif lines:
                # Nothing follows that the line before could go on with.
                lines[-1] = lines[-1].removesuffix("\\")

        for edit in [*sorted(edits, key=lambda one: (one.start, one.end)), None]:
            stop = len(self.python) if edit is None else edit.start
            while (newline := self.python.find("\n", at, stop)) >= 0:
                pieces.append(self.python[at:newline])
                end_line(line_start)
                at = line_start = newline + 1
            pieces.append(self.python[at:stop])
            if edit is not None:
                pieces.append(edit.text)
                at = edit.end
        end_line(line_start)
        return tuple(lines), tuple(origins)


def python_text(code: str, start: int) -> PythonText:
    """The text of a block that begins at offset `start` of the file."""
    lines = code.split("\n")
    offsets = [start]
    for line in lines[:-1]:
        offsets.append(offsets[-1] + len(line) + 1)
    # A CR belongs to the line's end; alone, as form feeds, it is a blank.
    lines = [line.removesuffix("\r").replace("\r", " ").replace("\f", " ") for line in lines]
    continued = _surface("\n".join(lines)).continued
    return _dedented(lines, offsets, _starts(lines), continued, start + len(code))


def _starts(lines: list[str]) -> list[int]:
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _dedented(
    lines: list[str], offsets: list[int], starts: list[int], continued: frozenset[int], end: int
) -> PythonText:
    """The lines without the indentation that those which begin a statement share. The first stands behind `[[`."""
    leads = [_LEADING.match(line).end() for line in lines]  # type: ignore[union-attr]  # it matches the empty text
    columns = [len(line[:lead].expandtabs(TAB)) for line, lead in zip(lines, leads, strict=True)]
    logical = [
        number
        for number, line in enumerate(lines)
        if number
        and starts[number] not in continued
        and len(line) > leads[number]
        and line[leads[number]] != "#"
    ]
    common = min((columns[number] for number in logical), default=0)
    if logical and columns[logical[0]] == common and lines[0].rstrip().endswith(":"):
        # `[[ if v.x:` and its body below: the body must stay indented.
        common -= 1
    indents = [0] + [max(0, column - common) for column in columns[1:]]
    texts = [
        " " * indent + line[lead:] if len(line) > lead else ""
        for line, lead, indent in zip(lines, leads, indents, strict=True)
    ]
    python = "\n".join(texts)
    origins = tuple(offset + lead for offset, lead in zip(offsets, leads, strict=True))
    return PythonText(python, tuple(_starts(texts)), origins, tuple(indents), end, _surface(python))


def _surface(text: str) -> Surface:
    continued: set[int] = set()
    strings: list[tuple[int, int]] = []
    depth = deepest = run = longest = 0
    for found in _TOKEN.finditer(text):
        if found["open"]:
            depth += 1
            deepest = max(deepest, depth)
        elif found["close"]:
            depth = max(0, depth - 1)
        elif found["break"] and (depth or found["break"] == "\\\n"):
            continued.add(found.end())
        elif found["long"] and "\n" in found.group():
            strings.append(found.span())
            inside = range(found.start(), found.end())
            continued.update(at + 1 for at in inside if text[at] == "\n")
        is_string = found.group()[-1] in "'\"" and len(found.group()) > 1
        run = run + 1 if is_string else run if found.group().isspace() else 0
        longest = max(longest, run)
    return Surface(frozenset(continued), tuple(strings), deepest, longest)
