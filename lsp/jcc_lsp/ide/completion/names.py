"""Names that are declared somewhere: callees, labels, locks, roles, types, keys of `config:`."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.frontend import ast
from jcc.frontend.checks.declarations import SETTINGS
from jcc.frontend.checks.unit import spelled
from jcc.frontend.schemas import BASE_TYPES
from jcc.frontend.symbols import Input, Signature
from jcc.workspace import Workspace, names, parsed, schemas
from jcc_lsp.ide import keywords, wanted
from jcc_lsp.ide.completion.items import Item, ItemKind, escaped, match
from jcc_lsp.ide.completion.lines import file_name
from jcc_lsp.ide.interfaces import implementing
from jcc_lsp.ide.scene import Scene
from jcc_lsp.ide.wording import Topic, entry_line

_KINDS = {
    "workflow": ItemKind.WORKFLOW,
    "action": ItemKind.ACTION,
    "procedure": ItemKind.PROCEDURE,
}
_STARTS_JOBS = frozenset({"callflow", "map", "detachflow"})


def items(scene: Scene, found: wanted.Callee | wanted.Named) -> Iterator[Item]:
    match found:
        case wanted.Callee(keyword=keyword):
            return callees(scene, keyword)
        case wanted.Named(kind="destination", interface=interface):
            return _destinations(scene, interface)
        case wanted.Named(kind=kind):
            return _named(scene, kind)


def _named(scene: Scene, kind: str) -> Iterator[Item]:
    match kind:
        case "label" | "new label":
            return _labels(scene, new=kind == "new label")
        case "lock" | "lock type":
            return _locks(scene, declared=kind == "lock")
        case "role":
            return _roles(scene)
        case "config":
            return _settings(scene)
        case _:
            name = file_name(scene.path)
            return iter([Item(name, ItemKind.WORKFLOW, text=spelled(name, dotted=True))])


# -- callees ------------------------------------------------------------------------------------------------------


def callees(scene: Scene, keyword: str) -> Iterator[Item]:
    """What can be called behind a keyword, with its required inputs below."""
    own = scene.model.definition.name.text if scene.model else ""
    for name in names(scene.workspace):
        if match(scene.place.chain, name) is None:
            continue
        found = scene.named(name)
        if found is None or (keyword in _STARTS_JOBS and found.kind != "workflow"):
            continue
        yield _callee(scene, found, keyword, rank=3 if name == own else 1)


def _callee(scene: Scene, found: Signature, keyword: str, rank: int) -> Item:
    place = scene.place
    written = spelled(found.name, dotted=True)
    snippet = None
    if not place.rest.strip():
        if not place.has_body:
            snippet = _call_snippet(scene, found, keyword)
        written += " using " if keyword == "map" else ":"
    inputs = ", ".join(entry_line(entry) for entry in found.inputs)
    topic = Topic("callee", found.name)
    return Item(found.name, _KINDS[found.kind], inputs, written, snippet, topic, rank)


def _call_snippet(scene: Scene, found: Signature, keyword: str) -> str:
    """The rest of a calling statement: its colon, the inputs that it needs, its outputs."""
    written = escaped(spelled(found.name, dotted=True))
    if keyword == "interface":
        return f"{written}:\n\t$0"
    number = 1
    head = f"{written}:"
    if keyword == "map":
        head, number = f"{written} using ${{1:v.list}}:", 2
    lines = [head]
    for entry in found.inputs:
        if entry.required:
            lines.append(
                f"\t{escaped(spelled(entry.name))} = ${{{number}:{placeholder(scene, entry)}}}"
            )
            number += 1
    if found.outputs and keyword in ("call", "callflow"):
        lines += ["into:", "\t$0"]
    elif found.outputs and keyword == "map":
        lines += ["collect:", "\t$0"]
    return "\n".join(lines)


def placeholder(scene: Scene, entry: Input) -> str:
    """What stands in the place of an input's value until it is typed: an argument of its name, else such a variable."""
    arguments = scene.model.known.inputs if scene.model else {}
    return escaped(f"{'a' if entry.name in arguments else 'v'}.{spelled(entry.name)}")


def _destinations(scene: Scene, interface: str) -> Iterator[Item]:
    present = {other.word and _text(scene, other.start) for other in scene.place.beside()}
    implementations = set(implementing(scene.workspace, interface))
    for name in names(scene.workspace):
        if name not in present and match(scene.place.chain, name) is not None:
            found = scene.named(name)
            if found is not None:
                rank = 0 if name in implementations else 2
                kind, topic = _KINDS[found.kind], Topic("callee", name)
                yield Item(name, kind, text=spelled(name, dotted=True), topic=topic, rank=rank)


def _text(scene: Scene, start: int) -> str:
    tokens = scene.place.parsed.tokens
    return tokens.texts[tokens.index_at(start)]


# -- what a definition or the workspace declares --------------------------------------------------------------------


def _labels(scene: Scene, *, new: bool) -> Iterator[Item]:
    if scene.model is None:
        return
    survey = scene.model.survey
    labels = {label.name.text for label in survey.of(ast.Label)}
    if new:
        labels = {goto.label.text for goto in survey.of(ast.Goto)} - labels
    for name in labels - {""}:
        yield Item(name, ItemKind.LABEL, text=spelled(name))


def _locks(scene: Scene, *, declared: bool) -> Iterator[Item]:
    own = _lock_types([scene.model.definition] if scene.model else [])
    if declared:
        for name, is_manual in own.items():
            rank = 0 if is_manual else 1
            yield Item(name, ItemKind.LOCK, text=spelled(name), rank=rank)
        return
    for name in _lock_types(_definitions(scene.workspace)):
        yield Item(name, ItemKind.LOCK, text=spelled(name))
    if scene.model is not None:
        survey = scene.model.survey
        taken: list[ast.Lock | ast.WaitForLock] = [
            *survey.of(ast.Lock),
            *survey.of(ast.WaitForLock),
        ]
        for name in {statement.type.text for statement in taken} - own.keys() - {""}:
            yield Item(name, ItemKind.LOCK, "taken below", spelled(name), rank=0)


def _lock_types(definitions: list[ast.Definition]) -> dict[str, bool]:
    """The types of locks that some definitions declare, and whether a statement may take them."""
    found: dict[str, bool] = {}
    for definition in definitions:
        for section in definition.sections:
            if isinstance(section, ast.LocksSection):
                for entry in section.entries:
                    found[entry.type.text] = entry.manual or found.get(entry.type.text, False)
    found.pop("", None)
    return found


def _definitions(workspace: Workspace) -> list[ast.Definition]:
    return [
        definition
        for path in workspace.jcl_paths
        for definition in parsed(workspace, path).file.definitions
    ]


def _roles(scene: Scene) -> Iterator[Item]:
    for definition in _definitions(scene.workspace):
        for section in definition.sections:
            if isinstance(section, ast.RoleSection):
                for role in section.roles:
                    if role.text:
                        yield Item(role.text, ItemKind.VALUE, "role", spelled(role.text))


def _settings(scene: Scene) -> Iterator[Item]:
    kind = scene.place.above[0].word
    given = scene.given()
    for key, setting in SETTINGS.get(kind, {}).items():
        if key not in given:
            topic = Topic("setting", key)
            yield Item(key, ItemKind.SETTING, setting.words, f"{key} = ", topic=topic)


def types(scene: Scene) -> Iterator[Item]:
    """The types that a declaration can name."""
    for name in BASE_TYPES:
        detail = keywords.TYPES[name]
        yield Item(name, ItemKind.TYPE, detail, topic=Topic("type", name), rank=1)
    for name in schemas(scene.workspace):
        yield Item(
            name,
            ItemKind.TYPE,
            f"{name}.schema.json",
            spelled(name),
            topic=Topic("type", name),
            rank=0,
        )
