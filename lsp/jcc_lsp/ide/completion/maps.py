"""Lines of maps: what may stand on the left, and the short forms `<x>`."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.frontend.checks.unit import spelled
from jcc.frontend.contracts import Contract
from jcc.frontend.symbols import Input
from jcc.frontend.types import UNSET, Type, display
from jcc_lsp.ide import keywords, wanted
from jcc_lsp.ide.completion.items import Item, ItemKind, escaped
from jcc_lsp.ide.completion.names import placeholder
from jcc_lsp.ide.scene import Scene
from jcc_lsp.ide.wanted import Slot
from jcc_lsp.ide.wording import Topic


def items(scene: Scene, found: wanted.Target | wanted.Copied) -> Iterator[Item]:
    if isinstance(found, wanted.Copied):
        return _copied(scene, found.slot)
    return _targets(scene, found.slot)


# -- left sides ---------------------------------------------------------------------------------------------------


def _targets(scene: Scene, slot: Slot) -> Iterator[Item]:
    contract, given = scene.contract(slot), scene.given()
    match slot.place.implicit:
        case "i":
            yield from _inputs(scene, slot, contract, given)
        case "o":
            yield from _outputs(scene, slot, contract, given)
        case _:
            yield from _variables(scene, slot, contract, given)
    for root in slot.place.writable:
        yield Item(
            root, ItemKind.OBJECT, keywords.OBJECTS[root], topic=Topic("object", root), rank=8
        )


def _inputs(scene: Scene, slot: Slot, contract: Contract | None, given: set[str]) -> Iterator[Item]:
    """Inputs that are not given yet, the required ones first."""
    known = _settable(scene, slot)
    for entry in contract.signature.inputs if contract else ():
        if entry.name in given:
            continue
        topic = Topic("input", entry.name, slot.callee)
        yield _assignment(
            scene,
            entry.name,
            ItemKind.INPUT,
            _detail(entry),
            placeholder(scene, entry),
            topic,
            entry.required,
        )
        if entry.name in known and slot.place.source:
            yield _copy(entry.name, known[entry.name], topic)


def _detail(entry: Input) -> str:
    return entry.type if entry.required else f"{entry.type}, optional"


def _outputs(
    scene: Scene, slot: Slot, contract: Contract | None, given: set[str]
) -> Iterator[Item]:
    """Declared outputs of the workflow that nothing assigns yet."""
    known = _settable(scene, slot)
    for entry in contract.signature.outputs if contract else ():
        if entry.name not in given:
            detail = f"{entry.type}, optional" if entry.optional else entry.type
            value = escaped(f"v.{spelled(entry.name)}")
            yield _assignment(
                scene, entry.name, ItemKind.OUTPUT, detail, value, None, not entry.optional
            )
            if entry.name in known:
                yield _copy(entry.name, known[entry.name], None)


def _variables(
    scene: Scene, slot: Slot, contract: Contract | None, given: set[str]
) -> Iterator[Item]:
    """The variables; in an output map first what the callee gives."""
    for entry in contract.signature.outputs if contract else ():
        if entry.name not in given:
            topic = Topic("output", entry.name, slot.callee)
            value = escaped(f"o.{spelled(entry.name)}")
            yield _assignment(scene, entry.name, ItemKind.OUTPUT, entry.type, value, topic, True)
            if slot.place.source:
                yield _copy(entry.name, contract.outputs[entry.name] if contract else UNSET, topic)
    point = scene.point(slot)
    for name, type in point.names("v").items() if point else ():
        yield _assignment(
            scene, name, ItemKind.VARIABLE, "" if type is UNSET else display(type), "", None, False
        )


def _assignment(
    scene: Scene,
    name: str,
    kind: ItemKind,
    detail: str,
    value: str,
    topic: Topic | None,
    is_wanted: bool,
) -> Item:
    written = spelled(name)
    rank = 0 if is_wanted else 2
    if scene.place.rest.strip():
        return Item(name, kind, detail, written, topic=topic, rank=rank)
    snippet = f"{escaped(written)} = ${{1:{value}}}" if value else None
    return Item(name, kind, detail, f"{written} = ", snippet, topic, rank)


def _copy(name: str, type: Type, topic: Topic | None) -> Item:
    return Item(f"<{spelled(name)}>", ItemKind.VARIABLE, display(type), topic=topic, rank=3)


# -- `<x>` --------------------------------------------------------------------------------------------------------


def _copied(scene: Scene, slot: Slot) -> Iterator[Item]:
    """What the map copies from, and of that first what is wanted there."""
    point = scene.point(slot)
    if point is None or not slot.place.source:
        return
    contract, given = scene.contract(slot), scene.given()
    known: set[str] = set()
    if contract is not None:
        is_input = slot.place.implicit == "i"
        known = set(contract.inputs if is_input else contract.outputs)
    for name, type in point.names(slot.place.source).items():
        if name not in given:
            rank = (0 if name in known else 2) + (type is UNSET)
            yield Item(name, ItemKind.VARIABLE, display(type), spelled(name), rank=rank)


def _settable(scene: Scene, slot: Slot) -> dict[str, Type]:
    """The variables that are set here."""
    point = scene.point(slot)
    names = point.names("v") if point else {}
    return {name: type for name, type in names.items() if type is not UNSET}
