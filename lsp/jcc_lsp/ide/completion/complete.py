"""From a place to its completions: asks what is expected there and lets the module that knows it answer."""

from __future__ import annotations

from collections.abc import Iterable

from jcc.frontend.tokens import BAD_CODE, BAD_STRING, CODE, COMMENTS, STRING
from jcc.source import Span
from jcc.workspace import Workspace
from jcc_lsp.ide import wanted
from jcc_lsp.ide.completion import blocks, comments, maps, names, strings, values
from jcc_lsp.ide.completion import lines as headers
from jcc_lsp.ide.completion.items import Completions, Item, chosen
from jcc_lsp.ide.expected import expected
from jcc_lsp.ide.scene import Scene, scene_at, split_chain

_BEHIND_BLANKS = wanted.Callee | wanted.Named | wanted.TypeName | wanted.CaseLabel | wanted.Setting


def complete(
    workspace: Workspace, path: str, offset: int, *, by_blank: bool = False
) -> Completions:
    """What may be typed at an offset; `by_blank` where the client asks because a blank was typed, which is answered only where a
    name of a certain kind has to follow. Never raises, whatever the text."""
    scene = scene_at(workspace, path, offset)
    inside = scene.place.inside
    if inside is not None:
        return _inside(scene, "" if by_blank else inside.kind)
    found = expected(scene.place)
    if by_blank and not (isinstance(found, _BEHIND_BLANKS) and scene.place.head):
        return _completions(scene, "", ())
    if isinstance(found, wanted.Callee | wanted.Named):
        # Names of definitions have dots in them.
        return _completions(scene, scene.place.chain, names.items(scene, found))
    implicit = found.slot.place.implicit if isinstance(found, wanted.Target) else ""
    steps, typed = split_chain(scene.place.chain, implicit)
    slot = wanted.slot_of(found)
    if len(typed) < len(scene.place.chain):
        members = values.members(scene, slot, steps) if slot and steps else ()
        return _completions(scene, typed, members)
    return _completions(scene, typed, _items(scene, found))


def _items(scene: Scene, found: wanted.Expected | None) -> Iterable[Item]:
    match found:
        case wanted.NewDefinition() | wanted.NewSection() | wanted.NewStatement() | wanted.Words():
            return headers.items(scene, found)
        case wanted.Operator():
            return values.operators()
        case wanted.TypeName():
            return names.types(scene)
        case wanted.CaseLabel():
            return strings.case_labels(scene, found, quoted=True)
        case wanted.Target() | wanted.Copied():
            return maps.items(scene, found)
        case wanted.Value() | wanted.Setting():
            return values.items(scene, found)
        case wanted.Callee() | wanted.Named() | None:
            return ()


def _inside(scene: Scene, kind: str) -> Completions:
    """In a string, a comment or a code block."""
    inside, offset = scene.place.inside, scene.place.offset
    assert inside is not None  # the caller has looked
    before = inside.text[: offset - inside.span.start]
    if kind in (STRING, BAD_STRING):
        return _completions(scene, before[1:], strings.items(scene))
    if kind in (CODE, BAD_CODE):
        typed, items = blocks.items(scene, before)
        return _completions(scene, typed, items)
    if kind in COMMENTS:
        typed, items = comments.items(before)
        return _completions(scene, typed, items)
    return _completions(scene, "", ())


def _completions(scene: Scene, typed: str, items: Iterable[Item]) -> Completions:
    shown, is_complete = chosen(items, typed)
    offset = scene.place.offset
    return Completions(Span(offset - len(typed), offset), shown, is_complete)
