"""The shapes of lines: what the parser knows of all lines whose tokens have the same kinds.

An LALR derivation depends on the kinds of the tokens alone. So the grammar is asked once for each shape and rule; the
builder that comes of it serves every line of that shape. Where a shape does not fit the grammar, the builder of its
nearest `repair` is kept beside the reason, so that the line still means something to the stages behind.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeVar

from jcc.frontend.build import Builder
from jcc.frontend.grammar import RULES, Unfit, accepts_behind, piece_of
from jcc.frontend.layout import Shape
from jcc.frontend.repair import repairs
from jcc.frontend.terminals import OPERATORS, Terminal, terminals

T = TypeVar("T")

MAX_DEPTH: Final = 200
"""How deep an expression may be nested; deeper ones would exhaust the stack of some later stage."""

_MAX_SHAPES: Final = 20_000  # a rule; a file of ten thousand lines has some hundred
_MAX_KEPT: Final = 300  # tokens; a longer line will hardly come again


class Misfit(NamedTuple):
    """Why a shape does not fit its rule: the first of its terminals that does not fit (their number where the line ends
    too early), and the types of those that would have. A line that is `too_deep` was not parsed."""

    rule: str
    terminals: list[Terminal]
    at: int
    accepts: frozenset[str]
    too_deep: bool = False


class Analysis(NamedTuple):
    """What is known of a shape: a builder, its own or that of a repair, and what is wrong with it, if anything."""

    build: Builder[Any] | None
    misfit: Misfit | None


builders: Final[dict[str, dict[Shape, Builder[Any]]]] = {rule: {} for rule in RULES}
"""The builders of the shapes that fit, by rule."""

_misfits: Final[dict[str, dict[Shape, Analysis]]] = {rule: {} for rule in RULES}
_unexplained: Final[dict[str, dict[Shape, Analysis]]] = {rule: {} for rule in RULES}


def analyse(rule: str, shape: Shape, *, explain: bool = True) -> Analysis:
    """Ask the grammar for a shape. Without `explain`, one that does not fit is given neither reason nor repair."""
    known = _misfits[rule].get(shape) or (None if explain else _unexplained[rule].get(shape))
    if known:
        return known
    line = terminals(rule, shape)
    too_deep = len(line) > MAX_DEPTH and _depth(line) > MAX_DEPTH
    if not too_deep:
        try:
            build = piece_of(rule, line).build
        except Unfit as unfit:
            at = unfit.at
        else:
            _keep(builders[rule], shape, build)
            return Analysis(build, None)
    if not explain:
        analysis = Analysis(None, None)
        _keep(_unexplained[rule], shape, analysis)
        return analysis
    if too_deep:
        misfit = Misfit(rule, line, _first_operator(line), frozenset(), too_deep=True)
    else:
        misfit = Misfit(rule, line, at, accepts_behind(rule, line[:at]))
    analysis = Analysis(_repaired(misfit), misfit)
    _keep(_misfits[rule], shape, analysis)
    return analysis


def _keep(known: dict[Shape, T], shape: Shape, value: T) -> None:
    if len(shape) <= _MAX_KEPT:
        if len(known) >= _MAX_SHAPES:
            known.clear()
        known[shape] = value


def _repaired(misfit: Misfit) -> Builder[Any] | None:
    """The builder of the first repair that the grammar accepts."""
    for line in repairs(misfit.rule, misfit.terminals, misfit.at, misfit.accepts):
        try:
            return piece_of(misfit.rule, line).build
        except Unfit:
            continue
    return None


def _depth(line: list[Terminal]) -> int:
    """An upper bound of the depth of a line's tree: in each bracket, the operators between two commas nest."""
    if line[0].type == "LESS":
        return 1  # `<a> <b>` nests nothing
    groups = [_Group()]
    for terminal in line:
        group = groups[-1]
        if terminal.type in OPERATORS:
            group.operators += 1
        elif terminal.type in ("LPAR", "INDEX", "LIST", "LBRACE"):
            groups.append(_Group())
        elif terminal.type in ("RPAR", "RSQB", "RBRACE") and len(groups) > 1:
            inner = groups.pop().close() + 1
            groups[-1].inner = max(groups[-1].inner, inner)
        elif terminal.type == "_COMMA":
            group.close()
    depth = 0
    for group in reversed(groups):
        group.inner = max(group.inner, depth)
        depth = group.close() + 1
    return depth


def _first_operator(line: list[Terminal]) -> int:
    opening = OPERATORS | {"LPAR", "INDEX", "LIST", "LBRACE"}
    return next(at for at, terminal in enumerate(line) if terminal.type in opening)


class _Group:
    """What stands between two brackets, so far."""

    __slots__ = ("deepest", "inner", "operators")

    def __init__(self) -> None:
        self.operators = self.inner = self.deepest = 0

    def close(self) -> int:
        """End the part since the last comma; the depth of the deepest part."""
        self.deepest = max(self.deepest, self.operators + self.inner)
        self.operators = self.inner = 0
        return self.deepest
