"""What the functions of `ide` give back: places and edits in the workspace's files, by the names that it has for them."""

from __future__ import annotations

from typing import NamedTuple

from jcc.source import Span


class Location(NamedTuple):
    """A place in a file of the workspace."""

    path: str
    span: Span


class TextEdit(NamedTuple):
    """Replace the text of a place."""

    path: str
    span: Span
    text: str
