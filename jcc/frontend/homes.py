"""Where nodes are, once their text has moved: a node of a statement that an edit did not touch stays the node it was.

A parsed node has its span in the text it was read from. In a text that is edited, each statement has a `Home`; its nodes
say where they were when it was read, and the home by how much it has moved since. So a keystroke moves ten thousand
lines by changing one number a statement. The compiler's trees have no homes, and pay for none.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, fields
from typing import Any

from jcc.source import Span


class Home:
    """`by`: how far a statement has moved since it was read."""

    __slots__ = ("by",)

    def __init__(self) -> None:
        self.by = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """A span that moves with its home."""

    home: Home
    start: int
    end: int


def movable(kind: type, name: str) -> None:
    """Let the span in a slot of a class of nodes move with the home that `settle` gives the node."""
    slot = kind.__dict__[name]
    get = slot.__get__

    def where(node: object) -> Span:
        place = get(node)
        if type(place) is Span:
            return place
        by = place.home.by
        return Span(place.start + by, place.end + by)

    setattr(kind, name, property(where, slot.__set__))
    _slots.append((kind, get, slot.__set__))


_slots: list[tuple[type, Any, Any]] = []
_parts: dict[type, tuple[str, ...]] = {}


def settle(statement: object) -> Home:
    """Give the nodes of a statement a home; not those that have one already, statements within it."""
    home = Home()
    for node in nodes_of(statement, settled=False):
        for kind, get, put in _slots:
            if isinstance(node, kind):
                start, end = get(node)
                put(node, _Place(home, start, end))
    return home


def nodes_of(
    root: object, *, settled: bool = True, without: Container[object] = ()
) -> Iterator[Any]:
    """A node and all below it, without some nodes and what is below them; where not `settled`, without those that have a home."""
    node_kind, get, _ = _slots[0]
    todo: list[Any] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(node)
        elif not isinstance(node, node_kind) or node in without:
            continue
        elif settled or type(get(node)) is Span:
            yield node
            names = _parts.get(type(node)) or _find_parts(type(node))
            todo.extend([getattr(node, name) for name in names])


def _find_parts(kind: Any) -> tuple[str, ...]:
    _parts[kind] = tuple(f.name for f in fields(kind) if not f.name.endswith("span"))
    return _parts[kind]
