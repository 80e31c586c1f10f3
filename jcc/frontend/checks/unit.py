"""What a check is given: one definition with everything that is known of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from jcc.diagnostics import Diagnostic, Edit, Fix
from jcc.frontend import ast
from jcc.frontend.contracts import Contract, contract_at
from jcc.frontend.inferred import Inferred
from jcc.frontend.model import SemanticModel
from jcc.frontend.nearest import nearest
from jcc.frontend.schemas import Schemas
from jcc.frontend.symbols import Catalog, Signature
from jcc.frontend.tables import Block, MapUse, Survey, Tables
from jcc.frontend.types import UNKNOWN, Type
from jcc.frontend.usage import Usage, usage_of
from jcc.source import Span

NO_SYNONYMS: Mapping[str, str] = {}
MAX_GUESSES = 50  # of one definition; to look for the meant name costs, and nobody reads that many


@dataclass(frozen=True, slots=True)
class Guess:
    """The name that was probably meant: as a help line and as a fix. A guess may be wrong, so the fix is not safe."""

    help: str | None = None
    fix: Fix | None = None


@dataclass(eq=False)
class Unit:
    """`contracts` has the contract of each known callee by its name; `declared` the type of each input.
    `unchecked` has the tables of the parts that are not known to be without findings; all are looked at where it is None."""

    definition: ast.Definition
    path: str
    catalog: Catalog
    schemas: Schemas
    model: SemanticModel
    contracts: Mapping[str, Contract]
    declared: Mapping[str, Type]
    unchecked: Tables | None = None

    def __post_init__(self) -> None:
        self._guesses = MAX_GUESSES

    def guess(
        self,
        name: ast.Name,
        known: Collection[str],
        dotted: bool = False,
        synonyms: Mapping[str, str] = NO_SYNONYMS,
    ) -> Guess:
        """What `name` may have been meant to be, of the known names; `synonyms` has what they are called elsewhere."""
        return self.guess_text(name.text, name.span, known, dotted, synonyms)

    def guess_text(
        self,
        text: str,
        span: Span,
        known: Collection[str],
        dotted: bool = False,
        synonyms: Mapping[str, str] = NO_SYNONYMS,
    ) -> Guess:
        """The same for a name in a string."""
        self._guesses -= 1
        found = synonyms.get(text)
        if found is None and self._guesses >= 0:
            found = nearest(text, known)
        if found is None:
            return Guess()
        fix = Fix(f"change it to `{found}`", (Edit(span, spelled(found, dotted)),), safe=False)
        return Guess(f"did you mean `{found}`?", fix)

    @property
    def survey(self) -> Survey:
        return self.model.survey

    @property
    def fresh(self) -> Tables:
        """The tables to be looked at where each entry is judged by itself: those of the parts that may have findings."""
        return self.model.survey if self.unchecked is None else self.unchecked

    @property
    def inferred(self) -> Inferred:
        return self.model.inferred

    @property
    def signature(self) -> Signature:
        return self.model.signature

    @property
    def is_workflow(self) -> bool:
        return self.definition.kind == "workflow"

    @cached_property
    def usage(self) -> Usage:
        """Which names of the job's objects are read and written at all."""
        return usage_of(self.survey, self.model.blocks)

    def block_names(self, letter: str, write: bool) -> Iterator[tuple[ast.Name, Block]]:
        """The names of one object that code blocks read, or write."""
        for block in self.survey.blocks:
            for use in self.model.blocks[block.block].names:
                if use.letter == letter and use.write is write:
                    yield ast.Name(span=use.span, text=use.key), block

    @cached_property
    def guarded(self) -> set[ast.Expression]:
        """What is only asked whether it is there: `defined(v.x)`, `ifdef(v.x)`, `v.x // …`, `v.x || …`."""
        asked: set[ast.Expression] = set()
        for call in self.survey.calls:
            if call.function.text in ("defined", "ifdef"):
                asked.update(call.arguments)
        asked.update(b.left for b in self.survey.binaries if b.op in ("//", "||", "or"))
        return asked

    def type_of(self, node: ast.Expression) -> Type:
        return self.model.types.get(node, UNKNOWN)

    def contract_for(self, use: MapUse) -> Contract | None:
        return contract_at(use.owner, self.contracts)


Check = Callable[[Unit], Iterator[Diagnostic]]

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


def spelled(name: str, dotted: bool = False) -> str:
    """The name as it is written: quoted where it must be."""
    if (_DOTTED if dotted else _BARE).fullmatch(name):
        return name
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"


def path_text(path: ast.Path) -> str:
    """A path as it is written, its indexes shortened: `v.order.lines[…]`."""
    parts = [path.root] if path.root else []
    for key in path.keys:
        if isinstance(key, ast.Field):
            parts.append(spelled(key.name.text))
        elif parts:
            parts[-1] += "[…]"
    return ".".join(parts)


def first_name(path: ast.Path) -> ast.Name | None:
    """The name behind the letter of a path."""
    first = path.keys[0] if path.keys else None
    return first.name if isinstance(first, ast.Field) else None
