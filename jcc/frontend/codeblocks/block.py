"""What a code block becomes, and what the roles of blocks have to do with the objects of a job. Knows no language."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jcc.diagnostics import Diagnostic
from jcc.diagnostics.core import moved
from jcc.source import Span

PARAMETERS = {
    "in": "aevit",
    "out": "aevot",
    "eval": "aevt",
    "end": "aevot",
    "value": "aev",
    "message": "aev",
}
LETTERS = "aeiotv"
_WRITABLE = {"in": "it", "out": "vt", "eval": "vt", "end": "ot"}
_PLACES = {
    "in": "an input map",
    "out": "an output map",
    "eval": "an eval",
    "end": "wfomap",
    "value": "an expression",
    "message": "an expression",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a block stands: the objects that it sees and those that it may change, the words for the place, and the
    object that a left side without a letter would mean there. With `gives_value`, its last expression counts."""

    readable: str
    writable: str
    place: str
    implicit: str
    gives_value: bool


def setting_of(role: str, implicit: str, readable: str | None = None) -> Setting:
    """The setting of a role. An expression inside of a map sees more than one elsewhere: `readable` tells."""
    return Setting(
        readable=PARAMETERS[role] if readable is None else readable,
        writable=_WRITABLE.get(role, ""),
        place=_PLACES[role],
        implicit=implicit,
        gives_value=role not in _WRITABLE,
    )


@dataclass(frozen=True, slots=True)
class Use:
    """One mention of `letter.key` in a block; `span` covers the key's name alone, without quotes."""

    letter: str
    key: str
    span: Span
    write: bool


@dataclass(frozen=True, slots=True)
class Local:
    """A mention of a variable that is the block's own: `scope` tells it from others of the same name, in Python by the function or
    comprehension (0 is the block itself), in Perl by the `my`. `span` covers the name alone; it is None where the mention has no
    place that can be told (in some strings)."""

    name: str
    scope: int
    span: Span | None
    write: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """The first-level keys that a block reads and writes, as (letter, key). Not `complete`: it also reaches its objects
    in ways that only running it shows (`%v`, `v[name]`, `for key in v`)."""

    reads: frozenset[tuple[str, str]]
    writes: frozenset[tuple[str, str]]
    complete: bool


@dataclass(frozen=True, slots=True)
class TranslatedBlock:
    """A block as Python. `statements` are the lines of a function's body, for the parameters of the block's role, without
    the body's own indentation; `origins` gives for each line the offset in the JCL text that it came from. A block
    with errors among its `diagnostics` still has statements: those that could be translated."""

    language: str
    statements: tuple[str, ...]
    origins: tuple[int, ...]
    diagnostics: tuple[Diagnostic, ...]
    facts: Facts
    names: tuple[Use, ...]

    def moved(self, by: int) -> TranslatedBlock:
        """The same block where the text has moved."""
        return replace(
            self,
            origins=tuple(origin + by for origin in self.origins),
            diagnostics=tuple(moved(found, by) for found in self.diagnostics),
            names=tuple(
                replace(use, span=Span(use.span.start + by, use.span.end + by))
                for use in self.names
            ),
        )


def facts_of(uses: tuple[Use, ...], complete: bool) -> Facts:
    """The facts that a block's uses amount to."""
    return Facts(
        frozenset((use.letter, use.key) for use in uses if not use.write),
        frozenset((use.letter, use.key) for use in uses if use.write),
        complete,
    )
