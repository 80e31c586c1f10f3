"""The signature of what is being called: of a function of the language, with the argument that the cursor is in, or of the
callee of an input map, with the input that is being given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from jcc.frontend.functions import Function, find_function
from jcc.frontend.symbols import Input, Signature
from jcc.frontend.tokens import BAD_CODE, CODE
from jcc.frontend.types import display
from jcc.workspace import Workspace
from jcc_lsp.ide import wanted
from jcc_lsp.ide.expected import expected
from jcc_lsp.ide.scene import Scene, scene_at
from jcc_lsp.ide.wording import constant_text, entry_line

_NEAR: Final = 300  # characters before the cursor that are looked at in a block
_PIECE: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|\w+|\S")


class Parameter(NamedTuple):
    """`start` and `end` are offsets in the label."""

    start: int
    end: int
    doc: str


@dataclass(frozen=True, slots=True)
class Help:
    """`active` is the number of the parameter that the cursor is at, None where it is at none."""

    label: str
    doc: str
    parameters: tuple[Parameter, ...]
    active: int | None


def signature_help(workspace: Workspace, path: str, offset: int) -> Help | None:
    """The signature at an offset, None where nothing is called."""
    scene = scene_at(workspace, path, offset)
    inside = scene.place.inside
    if inside is not None and inside.kind in (CODE, BAD_CODE):
        before = inside.text[: offset - inside.span.start][-_NEAR:]
        return _function([match.group() for match in _PIECE.finditer(before)])
    if inside is not None and inside.kind not in ("STRING", "BAD_STRING", "NUMBER"):
        return None
    return _function([token.text for token in scene.place.head]) or _callee(scene)


# -- functions ----------------------------------------------------------------------------------------------------


def _function(words: Sequence[str]) -> Help | None:
    """The function whose brackets are open behind these words; the innermost one that is known."""
    depth = commas = 0
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        if word in (")", "]", "}"):
            depth += 1
        elif word in ("[", "{"):
            depth = max(depth - 1, 0)
        elif word == "(":
            function = find_function(words[at - 1]) if at and not depth else None
            if function is not None:
                return _help_of_function(function, words[at - 1], commas)
            if not depth:
                commas = 0
            depth = max(depth - 1, 0)
        elif word == "," and not depth:
            commas += 1
    return None


def _help_of_function(function: Function, name: str, number: int) -> Help:
    texts = [
        f"{'...' if p.variadic else ''}{p.name}{'?' if p.optional else ''}: {display(p.type)}"
        for p in function.parameters
    ]
    result = display(function.result_of([p.type for p in function.parameters]))
    label, parameters = _joined(f"{name}(", texts, f") -> {result}", [""] * len(texts))
    last = len(texts) - 1
    active: int | None = number
    if number > last:
        active = last if texts and function.most is None else None
    return Help(label, function.doc, parameters, active)


def _joined(
    head: str, texts: Sequence[str], tail: str, docs: Sequence[str]
) -> tuple[str, tuple[Parameter, ...]]:
    parameters = []
    label = head
    for number, (text, doc) in enumerate(zip(texts, docs, strict=True)):
        label += ", " if number else ""
        parameters.append(Parameter(len(label), len(label) + len(text), doc))
        label += text
    return label + tail, tuple(parameters)


# -- callees ------------------------------------------------------------------------------------------------------


def _callee(scene: Scene) -> Help | None:
    found = expected(scene.place)
    slot = wanted.slot_of(found)
    if slot is None or slot.place.implicit != "i":
        return None
    callee = scene.callee(slot)
    if callee is None:
        return None
    target = found.target if isinstance(found, wanted.Value) else ""
    if isinstance(found, wanted.Target):
        target = scene.place.chain
    return _help_of_callee(callee, target, scene.given())


def _help_of_callee(callee: Signature, target: str, given: set[str]) -> Help:
    texts, docs = [], []
    for entry in callee.inputs:
        texts.append(_input(callee, entry))
        docs.append(entry.doc)
    outputs = ", ".join(entry_line(entry) for entry in callee.outputs)
    tail = f") -> ({outputs})" if outputs else ")"
    label, parameters = _joined(f"{callee.name}(", texts, tail, docs)
    names = [entry.name for entry in callee.inputs]
    if target in names:
        return Help(label, callee.doc, parameters, names.index(target))
    left = [n for n, entry in enumerate(callee.inputs) if entry.name not in given]
    left.sort(key=lambda n: not callee.inputs[n].required)
    return Help(label, callee.doc, parameters, left[0] if left else None)


def _input(callee: Signature, entry: Input) -> str:
    if entry.required:
        return f"{entry.name}: {entry.type}"
    if callee.kind == "statement":
        return f"{entry.name}?: {entry.type}"
    return f"{entry.name}: {entry.type} = {constant_text(entry.default)}"
