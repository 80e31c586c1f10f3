"""A place together with what is known there: the definition around it, the contract of its map, the types of its objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from jcc.frontend.contracts import STATEMENTS, Contract, contract_of
from jcc.frontend.model import SemanticModel
from jcc.frontend.objects import Computed, Key, Name
from jcc.frontend.places import OUTPUTS_OF_JOB
from jcc.frontend.point import Point, point_at
from jcc.frontend.symbols import Signature
from jcc.frontend.tokens import ASSIGNMENTS, Token
from jcc.frontend.types import INTEGER, UNKNOWN, ObjectType, Type, members_of
from jcc.frontend.types import Field as TypeField
from jcc.frontend.values import ROOTS
from jcc.workspace import Analysis, Workspace, analysed, parsed, schemas, signature
from jcc_lsp.ide.expected import unquoted
from jcc_lsp.ide.here import Header, Here, here
from jcc_lsp.ide.wanted import Slot

_KEY: Final = re.compile(
    r"""\.?(?:(?P<name>\w+)|(?P<quoted>'[^'\n]*'|"[^"\n]*")|\[(?P<index>(?:[^\[\]]|\[[^\[\]]*\])*)\])"""
)


@dataclass(frozen=True, slots=True)
class Steps:
    """A path as far as it has been typed: `v`, then its keys, without the last one if that is still being typed."""

    root: str
    keys: tuple[Key, ...]


@dataclass
class Scene:
    """One place in a file of a workspace."""

    workspace: Workspace
    path: str
    place: Here

    @cached_property
    def analysis(self) -> Analysis | None:
        """The definition around the place."""
        return analysis_at(self.workspace, self.path, self.place.offset)

    @property
    def model(self) -> SemanticModel | None:
        return self.analysis.model if self.analysis else None

    # -- callees

    def callee(self, slot: Slot) -> Signature | None:
        """What a map is held against: what is called, a statement, or for `wfomap` the definition itself."""
        if slot.place is OUTPUTS_OF_JOB:
            return self.model.signature if self.model else None
        if not slot.callee:
            return None
        return STATEMENTS.get(slot.callee) or self.named(slot.callee)

    def named(self, name: str) -> Signature | None:
        """The definition of a name; the one around the place goes before others."""
        if self.model and self.model.definition.name.text == name:
            return self.model.signature
        return signature(self.workspace, name)

    def contract(self, slot: Slot) -> Contract | None:
        found = self.callee(slot)
        return contract_of(found, schemas(self.workspace)) if found else None

    def given(self) -> set[str]:
        """The names that the other lines of the map assign or copy."""
        return {name for other in self.place.beside() for name in assigned(self.place, other)}

    # -- types

    def point(self, slot: Slot) -> Point | None:
        """What is known in a slot before the cursor's line."""
        if self.model is None:
            return None
        start = slot.owner.start if slot.owner else self.model.definition.span.start
        return point_at(
            self.model,
            slot.place,
            start,
            self.place.start,
            None if slot.place is OUTPUTS_OF_JOB else self.contract(slot),
        )

    def keys_at(self, slot: Slot, steps: Steps) -> dict[str, TypeField]:
        """The known keys at the end of a path, each with its type."""
        point = self.point(slot)
        if point is None:
            return {}
        if not steps.keys:
            known = point.names(steps.root)
            return {name: TypeField(type, True) for name, type in known.items()}
        return fields_of(type_at(point, steps))

    def written_at(self, slot: Slot, steps: Steps) -> dict[str, TypeField]:
        """The known keys, and those that the map may still write."""
        found = self.keys_at(slot, steps)
        contract = self.contract(slot)
        if contract is not None and not steps.keys and steps.root == slot.place.implicit:
            declared = {"i": contract.inputs, "o": contract.outputs}.get(steps.root, {})
            for name, type in declared.items():
                found.setdefault(name, TypeField(type, True))
        return found


def scene_at(workspace: Workspace, path: str, offset: int) -> Scene:
    return Scene(workspace, path, here(parsed(workspace, path), offset))


def analysis_at(workspace: Workspace, path: str, offset: int) -> Analysis | None:
    """The definition that an offset is in or right behind."""
    found = None
    for analysis in analysed(workspace, path):
        if analysis.model.definition.span.start > offset:
            break
        found = analysis
    return found


def type_at(point: Point, steps: Steps) -> Type:
    """The type at the end of a path of at least one key."""
    match steps.keys:
        case (Name(text=first), *deeper):
            return point.type_of(steps.root, first, deeper)
        case _:
            return UNKNOWN


def fields_of(type: Type) -> dict[str, TypeField]:
    """The known keys of the objects in a type."""
    return {
        name: field
        for member in members_of(type)
        if isinstance(member, ObjectType)
        for name, field in member.fields
    }


def split_chain(chain: str, implicit: str = "") -> tuple[Steps | None, str]:
    """A chain's complete part and what is being typed behind its last dot. No part where it has no dot, or begins with a name
    that is no object of the job (unless an `implicit` object makes it one of its keys)."""
    head, dot, typed = chain.rpartition(".")
    if not dot or not (typed.isidentifier() or not typed):
        return None, chain if not dot else typed
    return steps_of(head, implicit), typed


def steps_of(text: str, implicit: str = "") -> Steps | None:
    """The steps of a whole path."""
    keys: list[Key] = []
    for match in _KEY.finditer(text):
        if match["index"] is not None:
            keys.append(_key_of_index(match["index"].strip()))
        else:
            keys.append(Name(match["name"] or match["quoted"][1:-1]))
    match keys:
        case [Name(text=root), *rest] if root in ROOTS:
            return Steps(root, tuple(rest))
        case [Name(), *_] if implicit:
            return Steps(implicit, tuple(keys))
        case _:
            return None


def _key_of_index(text: str) -> Key:
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return Name(text[1:-1])
    return Computed(INTEGER if text.lstrip("-").isdecimal() else UNKNOWN)


def assigned(place: Here, line: Header) -> Iterator[str]:
    """The names that a line of a map assigns or copies."""
    tokens = place.parsed.tokens
    logical = place.parsed.lines[line.number]
    words = [tokens[i] for i in range(logical.first, logical.end) if tokens.kinds[i].strip()]
    names = [token for token in words if token.kind not in ("BLANK", "COMMENT", "DOC")]
    if not names:
        return
    if names[0].kind == "<":
        yield from (unquoted(token) for token in names if token.text not in "<,>*;")
    elif any(token.kind in ASSIGNMENTS for token in names[1:2]):
        yield _first_name(names[0])


def _first_name(target: Token) -> str:
    steps = steps_of(target.text, implicit="?") if target.kind == "PATH" else None
    if steps and steps.keys and isinstance(first := steps.keys[0], Name):
        return first.text
    return unquoted(target)
