"""What is given to others: the types of inputs, of the workflow's own outputs, and null where it is not wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jcc.diagnostics import Diagnostic, flow, types
from jcc.frontend import ast
from jcc.frontend.checks.callees import declared_entries
from jcc.frontend.checks.unit import Unit
from jcc.frontend.contracts import Contract, contract_of
from jcc.frontend.mapping import is_conditional
from jcc.frontend.tables import MapUse
from jcc.frontend.types import (
    ANY,
    NEVER,
    NULL,
    UNKNOWN,
    UNSET,
    Type,
    defined,
    display,
    may_be_null,
    members_of,
    misfit,
)


class Value(NamedTuple):
    """A plain value in a map: `node` is the expression, or the name of a `<x>`. `skipped` is one that is left out where it
    is null (`x = ifdef(…)`), with nothing else in the map that gives it."""

    name: str
    type: Type
    node: ast.Expression | ast.Name
    use: MapUse
    skipped: bool = False


def check_given(unit: Unit) -> Iterator[Diagnostic]:
    """The type of each value that an input map gives."""
    for value in _values(unit, "i"):
        contract = unit.contract_for(value.use)
        if contract is not None and value.name in contract.inputs:
            yield from _given(contract, value)


def _values(unit: Unit, root: str) -> Iterator[Value]:
    """What is plainly assigned or copied to the keys of an object."""
    copied = unit.inferred.copied
    plain = [
        write
        for write in unit.fresh.writes
        if write.root == root and write.item.op == "=" and len(write.item.target.keys) == 1
    ]
    always = {(w.use.map, w.name) for w in plain if not is_conditional(w.item)}
    for write in plain:
        value = write.item.value
        if write.name is None or _is_null(value):
            continue
        type = unit.type_of(value)
        skipped = is_conditional(write.item)
        if skipped and (write.use.map, write.name) in always:
            type, skipped = defined(type), False
        yield Value(write.name, type, value, write.use, skipped)
    for name, use in unit.fresh.copies:
        if use.place.implicit == root and name in copied:
            yield Value(name.text, copied[name], name, use)


def _is_null(value: ast.Expression) -> bool:
    """Null as a literal is meant."""
    return isinstance(value, ast.Literal) and value.value is None


def _given(contract: Contract, value: Value) -> Iterator[Diagnostic]:
    name, type, span = value.name, value.type, value.node.span
    wanted = contract.inputs[name]
    callee = contract.signature
    entry = callee.input(name)
    missing = value.skipped and entry is not None and entry.required and _may_be_absent(type)
    if value.skipped:
        type = defined(type)
    labels = declared_entries(callee, [entry] if entry else [])
    wrong = misfit(type, wanted)
    if wrong is not NEVER and wrong == defined(type):
        yield types.WRONG_INPUT_TYPE.at(
            span,
            name=name,
            callee=callee.name,
            wanted=display(wanted),
            given=display(wrong),
            labels=labels,
        )
    elif wrong is not NEVER:
        yield types.MAYBE_WRONG_TYPE.at(
            span,
            what="input",
            name=name,
            wanted=display(wanted),
            given=display(wrong),
            labels=labels,
        )
    elif missing or reaches(type, wanted):
        help = "give it a value for that case with `//`, or ask with `defined(…)` before"
        yield types.NULL_REACHES.at(
            span,
            what=f"the input `{name}` of `{callee.name}`",
            wanted=display(wanted),
            help=help,
            labels=labels,
        )


def reaches(type: Type, wanted: Type) -> bool:
    """Whether null is a known possibility where it is not wanted. A value that is never there was spoken of already."""
    return _may_be_absent(type) and not accepts_null(wanted)


def _may_be_absent(type: Type) -> bool:
    return may_be_null(type) and type is not UNSET


def accepts_null(wanted: Type) -> bool:
    return any(member in (NULL, ANY, UNKNOWN) for member in members_of(wanted))


# -- the workflow's own outputs -------------------------------------------------------------------------------------


def check_made(unit: Unit) -> Iterator[Diagnostic]:
    """The type of each output that `wfomap` makes, and variables in it that some path leaves unset."""
    outputs = contract_of(unit.signature, unit.schemas).outputs
    for value in _values(unit, "o"):
        entry = unit.signature.output(value.name)
        if entry is None:
            continue
        wanted = outputs[value.name]
        wrong = misfit(value.type, wanted)
        if value.skipped and not entry.optional and _may_be_absent(value.type):
            yield types.NULL_REACHES.at(
                value.node.span,
                what=f"the output `{value.name}`",
                wanted=display(wanted),
                help="with `ifdef` it is not made then: declare it `optional`",
                labels=declared_entries(unit.signature, [entry]),
            )
        elif wrong is not NEVER:
            whole = wrong == defined(value.type)
            rule = types.WRONG_OUTPUT_TYPE if whole else types.MAYBE_WRONG_TYPE
            yield rule.at(
                value.node.span,
                what="output",
                name=value.name,
                wanted=display(wanted),
                given=display(wrong),
                labels=declared_entries(unit.signature, [entry]),
            )
        elif not entry.optional and not accepts_null(wanted) and _may_be_unset(value):
            yield flow.OUTPUT_MAY_BE_MISSING.at(
                value.node.span,
                name=_variable(value.node),
                help="set it before the paths part, or declare the output `optional`",
            )


def _may_be_unset(value: Value) -> bool:
    """Speaks of plain variables only: what may be missing inside an object is the object's matter."""
    may = value.type is not UNSET and UNSET in members_of(value.type)
    return may and _variable(value.node) is not None


def _variable(node: ast.Expression | ast.Name) -> str | None:
    match node:
        case ast.Name(text=text):
            return text
        case ast.Path(root="v", keys=(ast.Field(name=ast.Name(text=text)),)):
            return text
        case _:
            return None
