"""Inside of strings: names of events, labels of `case`, values of types that have only some, keys in an index."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.frontend import ast
from jcc.frontend.checks.unit import path_text, spelled
from jcc.frontend.types import LiteralType, Type, display, members_of
from jcc_lsp.ide import wanted
from jcc_lsp.ide.completion.items import Item, ItemKind
from jcc_lsp.ide.completion.values import WAITS
from jcc_lsp.ide.expected import expected
from jcc_lsp.ide.occurrences import occurrences
from jcc_lsp.ide.scene import Scene, steps_of, type_at
from jcc_lsp.ide.symbols import Kind
from jcc_lsp.ide.wanted import Slot

_COMPARING = frozenset({"==", "!=", "eq", "ne"})
_ERROR_CLASS = "e._error.class"
_ERROR_CLASSES = {
    "normal": "an action failed, `raise_error`, `assert`",
    "soft": "all tries have failed",
    "timeout": "the worker has not answered in time",
    "childerror": "a child failed; `error` in it is the child's",
    "abort": "the job was cancelled, or another child of its parent failed",
    "lock": "a deadlock, or a lock that was not free in time",
    "type": "a value of the wrong type",
    "sandbox": "a limit of the sandbox",
}
"""Those that can be caught."""


def items(scene: Scene) -> Iterator[Item]:
    """What a string at the place may be, without its quotes."""
    found = expected(scene.place)
    if isinstance(found, wanted.CaseLabel):
        yield from case_labels(scene, found, quoted=False)
        return
    if isinstance(found, wanted.Named | wanted.TypeName | wanted.Callee):
        return
    slot = wanted.slot_of(found)
    if slot is None:
        return
    yield from _of_event(scene, slot)
    yield from _compared(scene, slot)
    if isinstance(found, wanted.Value) and found.target:
        contract = scene.contract(slot)
        if contract is not None:
            yield from _texts({**contract.outputs, **contract.inputs}.get(found.target))
        if slot.callee == "wait_for_lock" and found.target == "wait":
            yield from _texts(WAITS)


def _texts(type: Type | None) -> Iterator[Item]:
    """The strings of a type that has only some."""
    for member in members_of(type) if type is not None else ():
        if isinstance(member, LiteralType) and isinstance(member.value, str):
            yield Item(member.value, ItemKind.VALUE, rank=0)


def _error_classes() -> Iterator[Item]:
    for name, meaning in _ERROR_CLASSES.items():
        yield Item(name, ItemKind.VALUE, meaning, rank=0)


def _of_event(scene: Scene, slot: Slot) -> Iterator[Item]:
    if slot.callee in ("wait_for_event", "unsubscribe", "subscribe"):
        for occurrence in occurrences(scene.workspace, scene.path):
            symbol = occurrence.symbol
            if symbol.kind is Kind.EVENT and not _is_here(scene, occurrence.span.start):
                yield Item(symbol.name, ItemKind.EVENT)


def _is_here(scene: Scene, start: int) -> bool:
    inside = scene.place.inside
    return inside is not None and inside.span.start <= start <= inside.span.end


def _compared(scene: Scene, slot: Slot) -> Iterator[Item]:
    """What the path on the other side of a comparison may be equal to; the keys of a path that the string is an index of."""
    head = scene.place.head
    if len(head) < 2:
        return
    point = scene.point(slot)
    path = _path_before(scene, len(head) - 1)
    steps = steps_of(path) if path else None
    if point is None or steps is None:
        return
    if head[-1].kind in _COMPARING and path == _ERROR_CLASS:
        yield from _error_classes()
    elif head[-1].kind in _COMPARING and steps.keys:
        yield from _texts(type_at(point, steps))
    elif head[-1].kind == "[":
        for name, field in scene.keys_at(slot, steps).items():
            yield Item(name, ItemKind.KEY, display(field.type))


def _path_before(scene: Scene, end: int) -> str:
    """The path that ends with the token before a number of tokens."""
    head = scene.place.head
    at = end
    depth = 0
    while at > 0:
        kind = head[at - 1].kind
        depth += (kind == "]") - (kind == "[")
        if not depth and kind in ("PATH", "QUOTED_PATH", "NAME"):
            text = scene.place.parsed.tokens.source.text
            return text[head[at - 1].span.start : head[end - 1].span.end]
        if not depth and kind not in ("]", "[", "MEMBER"):
            return ""
        at -= 1
    return ""


# -- case ---------------------------------------------------------------------------------------------------------


def case_labels(scene: Scene, found: wanted.CaseLabel, *, quoted: bool) -> Iterator[Item]:
    """The values of the subject that no arm has yet."""
    if scene.model is None or found.case is None:
        return
    for node in scene.model.survey.of(ast.Case):
        if node.span.start != found.case.start:
            continue
        taken = {label.value for arm in node.arms for label in arm.labels}
        subject = node.subject
        is_class = isinstance(subject, ast.Path) and path_text(subject) == _ERROR_CLASS
        found_in = _error_classes() if is_class else _texts(scene.model.types.get(subject))
        for item in found_in:
            if item.label not in taken:
                text = spelled(item.label) if quoted else None
                yield Item(item.label, ItemKind.VALUE, item.detail, text)
