"""What may be wanted at a place: a value of its own class for each kind of thing. Which it is, `expected` tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from jcc.frontend.places import Place
from jcc_lsp.ide.here import Header


@dataclass(frozen=True, slots=True)
class Slot:
    """A map, or an expression outside maps: where it is, the line that its statement begins with (None in a section), and
    the name of what is called, if something is."""

    place: Place
    owner: Header | None = None
    callee: str = ""


@dataclass(frozen=True, slots=True)
class NewDefinition:
    """A header of a definition."""


@dataclass(frozen=True, slots=True)
class NewSection:
    """A section of the definition with this header."""

    definition: Header


@dataclass(frozen=True, slots=True)
class NewStatement:
    """A statement, or one of the words that go on with the one above; `only` are the statements that may stand here."""

    followers: tuple[str, ...]
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Callee:
    """The name of what is called behind a keyword."""

    keyword: str


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of the language."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type in a declaration."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name of some kind: `label`, `role`, `lock` (a declared one), `lock type`, `config`, `new label`, `destination`."""

    kind: str
    interface: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of a key in `config:`."""

    key: str


@dataclass(frozen=True, slots=True)
class CaseLabel:
    """A label behind `when`; `case` is the line of the `case`."""

    case: Header | None


@dataclass(frozen=True, slots=True)
class Target:
    """The left side of an assignment, or `<`."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Copied:
    """A name in `<x, y>`."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Value:
    """A value; `target` is the name that it is assigned to, '' where it is assigned to none."""

    slot: Slot
    target: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """What may come behind a value: a word that is an operator."""


Expected: TypeAlias = (
    NewDefinition
    | NewSection
    | NewStatement
    | Callee
    | Words
    | TypeName
    | Named
    | Setting
    | CaseLabel
    | Target
    | Copied
    | Value
    | Operator
)


def slot_of(found: Expected | None) -> Slot | None:
    """The map or expression that something is expected in."""
    match found:
        case Target(slot=slot) | Copied(slot=slot) | Value(slot=slot):
            return slot
        case _:
            return None
