"""Values: the job's objects and what is in them, with their types here; functions, constants, operators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jcc.frontend.checks.declarations import SETTINGS
from jcc.frontend.checks.unit import spelled
from jcc.frontend.functions import BY_NAME
from jcc.frontend.places import CONSTANT, OUTPUTS_OF_JOB
from jcc.frontend.schemas import parse_type_name
from jcc.frontend.types import (
    BOOLEAN,
    STRING,
    UNSET,
    Field,
    LiteralType,
    Type,
    display,
    may_be_null,
    members_of,
    union_of,
)
from jcc.workspace import schemas
from jcc_lsp.ide import keywords, wanted
from jcc_lsp.ide.completion.items import Item, ItemKind, escaped
from jcc_lsp.ide.scene import Scene, Steps
from jcc_lsp.ide.wanted import Slot
from jcc_lsp.ide.wording import Topic, constant_text

_KINDS = {"a": ItemKind.INPUT, "i": ItemKind.INPUT, "o": ItemKind.OUTPUT}
WAITS: Final = union_of((LiteralType(STRING, "no"), LiteralType(STRING, "yes")))
"""What `wait` of `wait_for_lock` may be, besides a duration."""
_RANKS = {"o": 1, "v": 2, "a": 2, "t": 2, "i": 3, "e": 4}


def items(scene: Scene, found: wanted.Value | wanted.Setting) -> Iterator[Item]:
    """What a value may be made of."""
    if isinstance(found, wanted.Setting):
        setting = SETTINGS[scene.place.above[0].word].get(found.key)
        yield from literals(setting.type) if setting else ()
        yield from _constants()
        return
    slot = found.slot
    yield from literals(_wanted_type(scene, found))
    if slot.place is not CONSTANT:
        yield from _paths(scene, slot)
        yield from functions()
        yield Item("not", ItemKind.OPERATOR, text="not ", topic=Topic("operator", "not"), rank=7)
    yield from _constants()


def _wanted_type(scene: Scene, found: wanted.Value) -> Type | None:
    """The type that the value should have, if something says so."""
    if not found.target:
        return None
    if found.slot.place is CONSTANT:
        return parse_type_name(found.target, schemas(scene.workspace))
    if found.slot.callee == "wait_for_lock" and found.target == "wait":
        return WAITS
    contract = scene.contract(found.slot)
    if contract is None:
        return None
    is_output = found.slot.place is OUTPUTS_OF_JOB
    return (contract.outputs if is_output else contract.inputs).get(found.target)


def literals(type: Type | None) -> Iterator[Item]:
    """The values of a type that has only some."""
    for member in members_of(type) if type is not None else ():
        if isinstance(member, LiteralType):
            yield Item(constant_text(member.value), ItemKind.VALUE, rank=0)
        elif member is BOOLEAN:
            yield Item("true", ItemKind.VALUE, rank=0)
            yield Item("false", ItemKind.VALUE, rank=0)


def _paths(scene: Scene, slot: Slot) -> Iterator[Item]:
    point = scene.point(slot)
    for root in slot.place.readable:
        yield Item(
            root, ItemKind.OBJECT, keywords.OBJECTS[root], topic=Topic("object", root), rank=5
        )
        if point is None:
            continue
        for name, type in point.names(root).items():
            if type is not UNSET:
                text = f"{root}.{spelled(name)}"
                kind, rank = _KINDS.get(root, ItemKind.VARIABLE), _RANKS[root]
                yield Item(text, kind, display(type), rank=rank, topic=_topic(slot, root, name))


def _topic(slot: Slot, root: str, name: str) -> Topic | None:
    """What is said about an output in its map."""
    if root == "o" and slot.callee:
        return Topic("output", name, slot.callee)
    return None


def members(scene: Scene, slot: Slot, steps: Steps) -> Iterator[Item]:
    """The keys of what lies at the end of a path."""
    if steps.root not in slot.place.readable + slot.place.writable:
        return
    for name, field in scene.written_at(slot, steps).items():
        topic = None if steps.keys else _topic(slot, steps.root, name)
        yield member(steps, name, field, topic)


def member(steps: Steps, name: str, field: Field, topic: Topic | None = None) -> Item:
    kind = ItemKind.KEY if steps.keys else _KINDS.get(steps.root, ItemKind.VARIABLE)
    text = display(field.type)
    if field.type is UNSET:
        text = "not set here"
    elif not field.required and not may_be_null(field.type):
        text += "?"
    rank = 6 if field.type is UNSET else 1
    return Item(name, kind, text, spelled(name), topic=topic, rank=rank)


def functions() -> Iterator[Item]:
    """The functions of the language."""
    for name, function in BY_NAME.items():
        takes = bool(function.parameters)
        yield Item(
            name,
            ItemKind.FUNCTION,
            function.label.removeprefix(function.name),
            f"{name}(" if takes else f"{name}()",
            f"{escaped(name)}($1)" if takes else None,
            Topic("function", name),
            rank=6 if name == function.name else 7,
        )


def _constants() -> Iterator[Item]:
    for word in ("true", "false", "null"):
        yield Item(word, ItemKind.VALUE, rank=6)


def operators() -> Iterator[Item]:
    """The operators that are words."""
    for word in keywords.OPERATORS:
        if word != "not":
            topic = Topic("operator", word)
            yield Item(word, ItemKind.OPERATOR, keywords.OPERATORS[word], f"{word} ", topic=topic)
