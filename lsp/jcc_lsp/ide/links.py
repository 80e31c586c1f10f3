"""Links in a text: from the name of a type to its JSON Schema, from the code in a comment to the page of the diagnostic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jcc.diagnostics.pages import FOLDERS
from jcc.diagnostics.registry import find_rule
from jcc.frontend.schemas import BASE_TYPES
from jcc.frontend.tokens import COMMENT, Tokens
from jcc.source import Span
from jcc.workspace import Workspace, parsed
from jcc_lsp.ide.definition import schema_files
from jcc_lsp.ide.outline import type_references

_CODE = re.compile(r"JCC\d{3}")


class Link(NamedTuple):
    """`path` is a file of the workspace, or a page of the compiler's."""

    span: Span
    path: str
    tooltip: str


def links(workspace: Workspace, path: str) -> list[Link]:
    """The links of a file, in the order of the text."""
    tree = parsed(workspace, path)
    found = list(_pages(tree.tokens))
    for reference in type_references(tree.file):
        name = reference.name
        if name.text not in BASE_TYPES:
            for place in schema_files(workspace, name.text):
                found.append(Link(name.span, place.path, f"the JSON Schema of `{name.text}`"))
    return sorted(found)


def _pages(tokens: Tokens) -> Iterator[Link]:
    if "jcc:" not in tokens.source.text:
        return
    for index, kind in enumerate(tokens.kinds):
        if kind != COMMENT or "jcc:" not in tokens.texts[index]:
            continue
        for match in _CODE.finditer(tokens.texts[index]):
            rule, page = find_rule(match.group()), _page(match.group())
            if rule is not None and page is not None:
                start = tokens.starts[index] + match.start()
                yield Link(Span(start, start + len(match.group())), page, rule.name)


def _page(code: str) -> str | None:
    files: Iterator[Path] = (folder / f"{code}.md" for folder in FOLDERS)
    return next((str(file) for file in files if file.exists()), None)
