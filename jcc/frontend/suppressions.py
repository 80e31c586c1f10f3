"""Comments that silence findings: `# jcc: ignore[JCC302]`, and which of them silence nothing.

Behind a statement the comment speaks of its line; on a line of its own, of the next line that holds code.
`# jcc: ignore-file[JCC801]`, anywhere, speaks of the whole file. Codes and names of rules are taken, separated by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jcc.diagnostics import Diagnostic, Edit, Fix
from jcc.diagnostics.control import EMPTY_SUPPRESSION, UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION
from jcc.diagnostics.registry import find_rule
from jcc.frontend.tokens import COMMENT, TRIVIA, Tokens
from jcc.source import Source, Span

DIRECTIVE = re.compile(r"#+\s*jcc:\s*(ignore(?:-file)?)\b(?:\s*\[([^\]]*)\])?")
CODE = re.compile(r"[^,\s]+")


@dataclass(slots=True)
class Entry:
    """One code of a comment. `line` is the line that it speaks of, None for the whole file."""

    code: str
    span: Span
    comment: Span
    line: int | None
    used: bool = field(default=False)


def suppress(
    source: Source, tokens: Tokens, found: Iterable[Diagnostic], *, tell_unused: bool = True
) -> list[Diagnostic]:
    """The findings that no comment silences, and findings about the comments themselves, in the order of the text."""
    if "jcc:" not in source.text:
        return list(found)
    about: list[Diagnostic] = []
    entries = list(_entries(source, tokens, about))
    kept = [diagnostic for diagnostic in found if not _is_silenced(source, diagnostic, entries)]
    if tell_unused:
        about += [_unused(entry, entries) for entry in entries if not entry.used]
    return sorted([*kept, *about], key=lambda d: (d.span, d.code))


def _is_silenced(source: Source, diagnostic: Diagnostic, entries: list[Entry]) -> bool:
    line = source.position(diagnostic.span.start).line
    silenced = False
    for entry in entries:
        if entry.code == diagnostic.code and entry.line in (None, line):
            entry.used = silenced = True
    return silenced


def _entries(source: Source, tokens: Tokens, about: list[Diagnostic]) -> Iterator[Entry]:
    for index, kind in enumerate(tokens.kinds):
        if kind != COMMENT:
            continue
        match = DIRECTIVE.search(tokens.texts[index])
        if match is None:
            continue
        comment = tokens.span(index)
        whole = Span(comment.start + match.start(), comment.start + match.end())
        codes = list(CODE.finditer(match.group(2) or ""))
        if not codes:
            about.append(
                EMPTY_SUPPRESSION.at(whole, help="write the codes, such as `# jcc: ignore[JCC302]`")
            )
        line = None if match.group(1) == "ignore-file" else _line_spoken_of(source, tokens, index)
        for code in codes:
            start = comment.start + match.start(2) + code.start()
            span = Span(start, start + len(code.group()))
            rule = find_rule(code.group())
            if rule is None:
                about.append(
                    UNKNOWN_SUPPRESSION.at(span, code=code.group(), help="`jcc explain` lists all")
                )
            else:
                yield Entry(rule.code, span, comment, line)


def _line_spoken_of(source: Source, tokens: Tokens, index: int) -> int:
    line = source.position(tokens.starts[index]).line
    before = source.text[source.line_span(line).start : tokens.starts[index]]
    if before.strip():
        return line
    for later in range(index + 1, len(tokens)):
        if tokens.kinds[later] not in TRIVIA:
            return source.position(tokens.starts[later]).line
    return line


def _unused(entry: Entry, entries: list[Entry]) -> Diagnostic:
    alone = sum(other.comment == entry.comment for other in entries) == 1
    fix = Fix("remove the comment", (Edit(entry.comment, ""),)) if alone else None
    return UNUSED_SUPPRESSION.at(entry.span, code=entry.code, fix=fix)
