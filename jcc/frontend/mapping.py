"""The types of a map: its assignments in order, and what they leave in the variables and in the map's own objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jcc.frontend import ast
from jcc.frontend.contracts import Contract
from jcc.frontend.conversion import is_integer
from jcc.frontend.expressions import Expressions
from jcc.frontend.inferred import Step
from jcc.frontend.objects import Key, Name, has_no_part, part_of, with_part
from jcc.frontend.places import Place
from jcc.frontend.types import (
    ANY,
    ARRAY,
    INTEGER,
    NEVER,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    UNSET,
    ArrayType,
    Type,
    UnionType,
    array_of,
    defined,
    join,
    may_be_null,
    members_of,
    misfit,
    truthy,
    union_of,
)

if TYPE_CHECKING:  # the translators are loaded where a file has code blocks
    from jcc.frontend.codeblocks import TranslatedBlock


class Maps:
    """Runs maps on the state of `expressions`."""

    def __init__(
        self,
        expressions: Expressions,
        arguments: range,
        blocks: Mapping[ast.CodeBlock, TranslatedBlock],
    ) -> None:
        self._expressions = expressions
        self._inferred = expressions.inferred
        self._slots = expressions.slots
        self._arguments = arguments
        self._blocks = blocks

    def run(self, map: ast.Map, place: Place, contract: Contract | None) -> None:
        """One map, after which the state has what it wrote into `v`. `contract` says what `o` holds in an output map."""
        expressions = self._expressions
        objects, others = expressions.objects, expressions.others
        objects["t"], objects["i"], objects["o"] = {}, {}, {}
        others["i"] = others["t"] = UNSET
        others["o"] = UNSET if place.implicit == "o" else UNKNOWN
        if place.source == "o" and contract is not None:
            objects["o"] = dict(contract.outputs)
        if map.block is not None:
            self._block(map.block, place)
        for item in map.items:
            match item:
                case ast.Assign():
                    self._assign(item, place)
                case ast.Copy():
                    self._copy(item, place)
                case ast.BrokenItem():
                    pass

    # -- assignments -----------------------------------------------------------------------------------------------

    def _assign(self, item: ast.Assign, place: Place) -> None:
        target = item.target
        type = _settled(self._expressions.evaluate(item.value))
        keys = self._expressions.keys(target.keys)
        root = target.root or place.implicit
        if not keys or not isinstance(head := keys[0], Name):
            self._open(root)
            return

        old = self._expressions.lookup(root, head.text)
        if len(keys) > 1:
            self._look_along(item, old, keys)
            new = with_part(old, keys[1:], lambda part: self._assigned(item, part, type))
        else:
            new = self._assigned(item, old, type)
        self.write(root, head.text, new)

    def _look_along(self, item: ast.Assign, type: Type, keys: list[Key]) -> None:
        """Note where a left side leads through something that has no keys."""
        self._inferred.blocked.pop(item, None)
        for number, key in enumerate(keys[1:], start=1):
            wrong = has_no_part(type, key)
            if wrong is not NEVER and wrong == defined(type):
                self._inferred.blocked[item] = Step(number, wrong)
                return
            type = part_of(type, key)

    def _assigned(self, item: ast.Assign, old: Type, value: Type) -> Type:
        """The type of a place after an assignment to it."""
        if is_conditional(item) and may_be_null(value):
            return join(old, self._made(item, old, defined(value)))
        return self._made(item, old, value)

    def _made(self, item: ast.Assign, old: Type, value: Type) -> Type:
        """The type of a place that an assignment has written to."""
        if item.op == ",=":
            self._inferred.appended.pop(item, None)
            solid = defined(old)
            if solid is not NEVER and misfit(solid, ARRAY) == solid:
                self._inferred.appended[item] = solid
            return _appended(solid, value)
        return _result(item, old, value)

    def write(self, root: str, name: str, type: Type) -> None:
        """From here on `root.name` is of this type."""
        expressions = self._expressions
        if root == "v":
            slot = self._slots.get((root, name))
            if slot is not None:
                expressions.state = expressions.state.set(slot, type)
        elif root in ("i", "o", "t"):
            expressions.objects[root][name] = type

    def _open(self, root: str) -> None:
        """Anything may be in the object from here on."""
        expressions = self._expressions
        if root == "v":
            expressions.state = expressions.state.forget(self._arguments, UNKNOWN)
        elif root in ("i", "o", "t"):
            expressions.objects[root].clear()
            expressions.others[root] = UNKNOWN

    # -- copies and code -------------------------------------------------------------------------------------------

    def _copy(self, item: ast.Copy, place: Place) -> None:
        for name in item.names:
            type = self._expressions.lookup(place.source, name.text) if place.source else UNKNOWN
            self._inferred.copied[name] = type
            self.write(place.implicit, name.text, _settled(type))
        if item.everything:
            self._copy_everything(place)

    def _copy_everything(self, place: Place) -> None:
        expressions = self._expressions
        if place.implicit != "v":
            self._open(place.implicit)
            return
        # What is not declared passes through too: a variable that was not set may be set now.
        before = expressions.state
        expressions.state = before.forget(self._arguments, UNKNOWN)
        for (root, _), slot in self._slots.items():
            if root == "v" and before.get(slot) is not UNSET:
                expressions.state = expressions.state.set(slot, before.get(slot))
        for name, type in expressions.objects["o"].items():
            self.write("v", name, type)

    def _block(self, block: ast.CodeBlock, place: Place) -> None:
        facts = self._blocks[block].facts
        if not facts.complete:
            for root in place.writable:
                self._open(root)
            return
        for root, name in facts.writes:
            self.write(root, name, UNKNOWN)


def _settled(type: Type) -> Type:
    """What a value is once it is assigned: what was not there is null. Where it never is, that was said."""
    if type is UNSET:
        return UNKNOWN
    if isinstance(type, UnionType) and UNSET in type.members:
        return union_of((defined(type), NULL))
    return type


def _result(item: ast.Assign, old: Type, value: Type) -> Type:
    match item.op:
        case "=":
            return value
        case ".=":
            return STRING
        case "+=" | "-=" | "*=":
            return INTEGER if is_integer(union_of((defined(old), value))) else NUMBER
        case "/=":
            return NUMBER
        case "//=":
            return join(defined(old), value)
        case _:
            return join(truthy(old), value)


def is_conditional(item: ast.Assign) -> bool:
    """`x = ifdef(…)` assigns only where the value is defined, and so does any other operator."""
    value = item.value
    return isinstance(value, ast.Call) and value.function.text == "ifdef"


def _appended(old: Type, value: Type) -> Type:
    if old is NEVER:
        return array_of(value)
    items = [m.item if isinstance(m, ArrayType) else ANY for m in members_of(old)]
    return array_of(union_of((*items, value)))
