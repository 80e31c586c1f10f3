"""What a map of inputs or outputs is held against: the inputs and outputs of a callee, types resolved.

The statements that take inputs by name (`wait_for_event`, `subscribe`, …) are callees too: their signatures are here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jcc.frontend import ast
from jcc.frontend.schemas import Schemas, parse_type_name
from jcc.frontend.symbols import Input, Output, Signature
from jcc.frontend.tables import Tables
from jcc.frontend.types import UNSET, Type, join
from jcc.source import Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Contract:
    """`outputs` has the type that reading each output gives: with UNSET in it for an optional one."""

    signature: Signature
    inputs: Mapping[str, Type]
    outputs: Mapping[str, Type]

    @property
    def required(self) -> list[Input]:
        return [entry for entry in self.signature.inputs if entry.required]


def contract_of(signature: Signature, schemas: Schemas) -> Contract:
    """The signature with its type names resolved."""
    inputs = {entry.name: parse_type_name(entry.type, schemas) for entry in signature.inputs}
    outputs: dict[str, Type] = {}
    for entry in signature.outputs:
        type = parse_type_name(entry.type, schemas)
        outputs[entry.name] = join(type, UNSET) if entry.optional else type
    return Contract(signature, inputs, outputs)


def names_called(tables: Tables) -> Iterable[str]:
    """The names of callees, interfaces and destinations, each once."""
    found: dict[str, None] = {}
    for node in tables.callings:
        if isinstance(node, ast.InterfaceCall):
            found[node.interface.text] = None
            found.update((name.text, None) for name in node.destinations)
        else:
            found[node.callee.text] = None
    return found


def name_called(node: ast.Node) -> str | None:
    """The name of the callee of a statement or branch, or of its interface; None for a node that calls nobody."""
    match node:
        case ast.CallStatement() | ast.Callflow() | ast.MapStatement() | ast.Detachflow():
            return node.callee.text
        case ast.InterfaceCall(interface=interface):
            return interface.text
        case _:
            return None


def contract_at(node: ast.Node, contracts: Mapping[str, Contract]) -> Contract | None:
    """What the maps of a node are held against, `contracts` being those of callees by name."""
    name = name_called(node)
    return statement_contract(node) if name is None else contracts.get(name)


# -- statements -----------------------------------------------------------------------------------------------------


def _statement(
    name: str, inputs: Mapping[str, str], outputs: Mapping[str, str] | None = None
) -> Signature:
    """A statement's signature; an input whose type ends in `?` may be left out."""
    return Signature(
        "statement",
        name,
        tuple(
            Input(key, type.removesuffix("?"), not type.endswith("?"), None, _NOWHERE)
            for key, type in inputs.items()
        ),
        tuple(Output(key, type, False, _NOWHERE) for key, type in (outputs or {}).items()),
        (),
        "",
        _NOWHERE,
    )


STATEMENTS: dict[str, Signature] = {
    signature.name: signature
    for signature in (
        _statement("subscribe", {"name": "string", "mask": "object?"}),
        _statement("unsubscribe", {"name": "string"}),
        _statement("raise_event", {"event": "object"}),
        _statement("wait_for_event", {"events": "any?", "timeout": "any?"}, {"event": "event"}),
        _statement("wait_for_lock", {"value": "any", "wait": "any?"}),
        _statement("raise_error", {"msg": "any", "class": "string?"}),
        _statement("sleep", {"timeout": "any"}),
    )
}

_EVENT_SCHEMA: Schemas = {
    "event": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "event_id": {"type": "integer"},
            "when": {"type": "string"},
            "data": {},
        },
        "required": ["name"],
    }
}
_CONTRACTS = {name: contract_of(entry, _EVENT_SCHEMA) for name, entry in STATEMENTS.items()}


def statement_contract(owner: ast.Node) -> Contract | None:
    """The contract of a statement that takes inputs by name, None for any other node."""
    match owner:
        case ast.EventStatement(keyword=keyword):
            return _CONTRACTS.get(keyword)
        case ast.WaitForEvent():
            return _CONTRACTS["wait_for_event"]
        case ast.WaitForLock():
            return _CONTRACTS["wait_for_lock"]
        case ast.RaiseError():
            return _CONTRACTS["raise_error"]
        case ast.Sleep():
            return _CONTRACTS["sleep"]
        case _:
            return None
