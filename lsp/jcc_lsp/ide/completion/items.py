"""What a completion is made of, and which of many are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from jcc.source import Span
from jcc_lsp.ide.wording import Topic

MOST: Final = 120
"""How many items one answer has; a client asks again when more is typed."""


class ItemKind(Enum):
    KEYWORD = "keyword"
    SECTION = "section"
    WORKFLOW = "workflow"
    ACTION = "action"
    PROCEDURE = "procedure"
    INPUT = "input"
    OUTPUT = "output"
    VARIABLE = "variable"
    KEY = "key"
    OBJECT = "object"
    FUNCTION = "function"
    METHOD = "method"
    TYPE = "type"
    VALUE = "value"
    LABEL = "label"
    LOCK = "lock"
    EVENT = "event"
    SETTING = "setting"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Item:
    """`text` is put in the place of what is typed (the label if it is None), or `snippet` where the client knows snippets: its
    lines are indented like the line of the cursor. Of two items the one with the lower `rank` is shown first. `topic` is
    what its documentation is about."""

    label: str
    kind: ItemKind
    detail: str = ""
    text: str | None = None
    snippet: str | None = None
    topic: Topic | None = None
    rank: int = 5

    @property
    def inserted(self) -> str:
        return self.label if self.text is None else self.text


@dataclass(frozen=True, slots=True)
class Completions:
    """`span` is what an item replaces. Not `is_complete` where more would fit what is typed than are shown."""

    span: Span
    items: tuple[Item, ...]
    is_complete: bool = True


def chosen(items: Iterable[Item], typed: str) -> tuple[tuple[Item, ...], bool]:
    """The items that fit what is typed, each label once, the best first; and whether these are all."""
    fitting: dict[str, tuple[int, int, str, Item]] = {}
    for item in items:
        quality = match(typed, item.label)
        if quality is not None:
            key = (quality, item.rank, item.label.lower(), item)
            known = fitting.get(item.label)
            if known is None or key[:2] < known[:2]:
                fitting[item.label] = key
    found = sorted(fitting.values(), key=lambda entry: entry[:3])
    return tuple(item for *_, item in found[:MOST]), len(found) <= MOST


def match(typed: str, label: str) -> int | None:
    """How well a label fits: 0 where it or a part of it begins so, 1 where its letters come in this order, None if not."""
    if not typed:
        return 0
    small, wanted = label.lower(), typed.lower()
    at = small.find(wanted)
    while at >= 0:
        if at == 0 or not small[at - 1].isalnum():
            return 0
        at = small.find(wanted, at + 1)
    at = 0
    for letter in wanted:
        at = small.find(letter, at) + 1
        if not at:
            return None
    return 1


def escaped(text: str) -> str:
    """A text in a snippet that means itself."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
