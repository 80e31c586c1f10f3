"""Texts in, answers out: the one door to the compiler for the command line and the language server.

A workspace holds the texts of JCL files and JSON Schemas by path, and answers queries about them; an answer is kept until a text
that it came from changes. It reads no file by itself: `jcc.project` finds and reads them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeVar

from jcc.diagnostics import Diagnostic
from jcc.frontend.analyse import analyse
from jcc.frontend.checks import (
    CallFacts,
    Course,
    CycleFacts,
    LockFacts,
    Route,
    check_call_depth,
    check_file,
    check_lock_cycles,
    check_lock_routes,
    course_of,
    cycle_facts,
    lock_facts,
    routes,
    sure_calls,
    takes_locks,
)
from jcc.frontend.memory import Memory
from jcc.frontend.model import SemanticModel
from jcc.frontend.parser import Parsed, parse
from jcc.frontend.reparse import reparse
from jcc.frontend.schemas import BrokenSchema
from jcc.frontend.signatures import exports
from jcc.frontend.suppressions import suppress
from jcc.frontend.symbols import Signature
from jcc.query import Database, query
from jcc.source import Source

if TYPE_CHECKING:  # for its name alone; importing it takes time
    from jobcenter.artifact import Json

SCHEMA_SUFFIX = ".schema.json"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One definition with all that is known of it."""

    model: SemanticModel
    diagnostics: tuple[Diagnostic, ...]
    memory: Memory | None = None


def _never(_: str) -> bool:
    return False


@dataclass(slots=True)
class Workspace(Database):
    """Inputs: `set_text`, `remove`. Everything else is a question. Of a file that is edited (`is_edited`) the answers are made with
    those about the text before, which may not be used any more: that takes memory, and much less time."""

    is_edited: Callable[[str], bool] = _never

    def set_text(self, path: str, text: str) -> None:
        """Give the file `path` its text (a JCL file, or `NAME.schema.json`)."""
        self.set_input(("text", path), text)
        known = self._known()
        if path not in known:
            self.set_input(("paths",), tuple(sorted((*known, path))))

    def remove(self, path: str) -> None:
        known = self._known()
        if path in known:
            self.set_input(("paths",), tuple(p for p in known if p != path))
            self.set_input(("text", path), None)

    def arrange(self, paths: Sequence[str]) -> None:
        """Say which files there are, in another order than by path: of two definitions of a name the first counts."""
        for path in set(self._known()).difference(paths):
            self.set_input(("text", path), None)
        self.set_input(("paths",), tuple(paths))

    def set_catalog(
        self, signatures: Sequence[Signature], schemas: Mapping[str, Json] | None = None
    ) -> None:
        """Say what there is besides the files: signatures of definitions and JSON Schemas that count where no file has the name."""
        self.set_input(("catalog",), {found.name: found for found in signatures})
        self.set_input(("catalog schemas",), dict(schemas or {}))

    def _known(self) -> tuple[str, ...]:
        entry = self._inputs.get(("paths",))
        return () if entry is None else entry.value  # type: ignore[return-value]  # set above only

    @property
    def paths(self) -> tuple[str, ...]:
        """All files, sorted if not arranged otherwise."""
        return self.read_input(("paths",), ())  # type: ignore[return-value]  # set above only

    @property
    def jcl_paths(self) -> tuple[str, ...]:
        return tuple(path for path in self.paths if not path.endswith(SCHEMA_SUFFIX))


class WorkspaceCatalog(Mapping[str, Signature]):
    """The definitions of all files by name. Asking for one name makes the asking query depend on that name alone."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __getitem__(self, name: str) -> Signature:
        found = signature(self._workspace, name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(names(self._workspace))

    def __len__(self) -> int:
        return len(names(self._workspace))


@query
def source(workspace: Workspace, path: str) -> Source:
    """The text of a file; an empty one for a file that is not there."""
    text = workspace.read_input(("text", path))
    return Source(path, text if isinstance(text, str) else "")


@query
def parsed(workspace: Workspace, path: str) -> Parsed:
    text = source(workspace, path)
    if not workspace.is_edited(path):
        return parse(text)
    before = workspace.last((parsed.__qualname__, path))
    return reparse(before if isinstance(before, Parsed) else None, text)


@query
def _asked_of_all(workspace: Workspace, path: str) -> tuple[tuple[Signature, ...], bool]:
    """What is asked of every file for the sake of any other: found in one go, while its tree is at hand."""
    takes = any(takes_locks(course) for course in courses(workspace, path))
    return exports(parsed(workspace, path).file, path), takes


@query
def exported(workspace: Workspace, path: str) -> tuple[Signature, ...]:
    """What the other files see of this one, its interfaces not yet resolved."""
    return _asked_of_all(workspace, path)[0]


@query
def index(workspace: Workspace) -> dict[str, str]:
    """Which file defines a name: of several the first by path."""
    found: dict[str, str] = {}
    for path in workspace.jcl_paths:
        for entry in exported(workspace, path):
            found.setdefault(entry.name, path)
    return found


@query
def names(workspace: Workspace) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*index(workspace), *_catalog(workspace))))


def _catalog(workspace: Workspace) -> Mapping[str, Signature]:
    return workspace.read_input(("catalog",), {})  # type: ignore[return-value]  # set_catalog only


@query
def signature(workspace: Workspace, name: str) -> Signature | None:
    """The signature of a name, with the inputs, outputs and environment of its interface, if it has one."""
    found = _declared(workspace, name)
    if found is None or found.interface is None:
        return found
    interface = _declared(workspace, found.interface)
    if interface is None:
        return found
    return replace(
        found,
        inputs=interface.inputs,
        outputs=interface.outputs,
        environment=interface.environment,
        interface_path=interface.path,
    )


@query
def _declared(workspace: Workspace, name: str) -> Signature | None:
    path = index(workspace).get(name)
    if path is None:
        return _catalog(workspace).get(name)
    return next(entry for entry in exported(workspace, path) if entry.name == name)


@query
def schemas(workspace: Workspace) -> dict[str, object]:
    """The JSON Schemas by type name: those of the files, and of the catalog where no file has the name."""
    catalog = workspace.read_input(("catalog schemas",), {})
    return {**catalog, **_read_schemas(workspace)}  # type: ignore[dict-item]  # by set_catalog only


def file_schemas(workspace: Workspace) -> dict[str, Json]:
    """The JSON Schemas of the files by type name, but for those that are no JSON."""
    read = _read_schemas(workspace)
    return {name: schema for name, schema in read.items() if not isinstance(schema, BrokenSchema)}


@query
def _read_schemas(workspace: Workspace) -> dict[str, Json | BrokenSchema]:
    found: dict[str, Json | BrokenSchema] = {}
    for path in workspace.paths:
        if path.endswith(SCHEMA_SUFFIX):
            name = path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(SCHEMA_SUFFIX)
            found[name] = _read_schema(source(workspace, path).text)
    return found


def _read_schema(text: str) -> Json | BrokenSchema:
    try:
        return json.loads(text)  # type: ignore[no-any-return]  # it gives JSON
    except json.JSONDecodeError as error:
        return BrokenSchema(f"{error.msg} in line {error.lineno}, column {error.colno}")
    except ValueError as error:
        return BrokenSchema(str(error))
    except RecursionError:
        return BrokenSchema("it is nested too deep")


def _last(
    workspace: Workspace, ask: Callable[[Workspace, str], tuple[T, ...]], path: str
) -> tuple[T, ...]:
    """What a query told of a file before it was edited."""
    before = workspace.last((ask.__qualname__, path))
    return before if isinstance(before, tuple) else ()


@query
def courses(workspace: Workspace, path: str) -> tuple[Course, ...]:
    """Every definition of a file, in order, with the order of its steps."""
    definitions = parsed(workspace, path).file.definitions
    before = _last(workspace, courses, path) if workspace.is_edited(path) else ()
    kept: Iterator[Course | None] = chain(before, repeat(None))
    return tuple(course_of(*pair) for pair in zip(definitions, kept, strict=False))


@query
def analysed(workspace: Workspace, path: str) -> tuple[Analysis, ...]:
    """Every definition of a file, in order, with its own findings."""
    catalog = WorkspaceCatalog(workspace)
    known = schemas(workspace)
    memories: Iterator[Memory | None] = repeat(None)
    if workspace.is_edited(path):
        kept = [one.memory or Memory() for one in _last(workspace, analysed, path)]
        memories = chain(kept, iter(Memory, None))
    found = []
    for course, memory in zip(courses(workspace, path), memories, strict=False):
        model, diagnostics = analyse(course.definition, path, catalog, known, course.flow, memory)
        found.append(Analysis(model, diagnostics, memory))
    return tuple(found)


def _facts(workspace: Workspace, path: str, find: Callable[[Course, str], T]) -> dict[str, T]:
    """What is found in the definitions of a file, by their names; of two with one name the first counts."""
    found: dict[str, T] = {}
    for course in courses(workspace, path):
        name = course.definition.name.text
        if name not in found:
            found[name] = find(course, path)
    return found


@query
def _lock_facts(workspace: Workspace, path: str) -> dict[str, LockFacts]:
    """What the workflows of a file do with locks, by name."""
    return _facts(workspace, path, lock_facts)


@query
def _cycle_facts(workspace: Workspace, path: str) -> dict[str, CycleFacts]:
    """What the workflows of a file surely lock and whom they wait for, by name."""
    return _facts(workspace, path, cycle_facts)


@query
def _call_facts(workspace: Workspace, path: str) -> dict[str, CallFacts]:
    """The calls that the workflows of a file make on every path, by name."""
    return _facts(workspace, path, sure_calls)


def _of_name(
    workspace: Workspace, facts: Callable[[Workspace, str], Mapping[str, T]]
) -> Callable[[str], T | None]:
    """The facts of the definition that a name means."""

    def facts_of(name: str) -> T | None:
        path = index(workspace).get(name)
        return None if path is None else facts(workspace, path).get(name)

    return facts_of


def _that_count(
    workspace: Workspace, path: str, facts: Callable[[Workspace, str], Mapping[str, T]]
) -> list[T]:
    """The facts of the definitions of a file that their names mean: not of one that another file defines too, and first."""
    defined = index(workspace)
    return [found for name, found in facts(workspace, path).items() if defined[name] == path]


@query
def _takes_locks(workspace: Workspace, path: str) -> bool:
    return _asked_of_all(workspace, path)[1]


@query
def _has_locks(workspace: Workspace) -> bool:
    """Whether any workflow takes a lock."""
    return any(_takes_locks(workspace, path) for path in workspace.jcl_paths)


@query
def _lock_routes(workspace: Workspace) -> dict[tuple[str, str], dict[str, Route]]:
    """Every order in which two types of locks are taken, with a way to it from each workflow where it begins."""
    found: dict[tuple[str, str], dict[str, Route]] = {}
    for path in workspace.jcl_paths:
        for facts in _that_count(workspace, path, _lock_facts):
            if facts.under:
                own = routes(facts, _of_name(workspace, _lock_facts))
                for order, route in own.items():
                    found.setdefault(order, {})[facts.name] = route
    return found


def _crossed_locks(workspace: Workspace, path: str) -> Iterator[Diagnostic]:
    """What the workflows of a file lock in another order than some workflow does. Asks other files only if they lock at all."""
    if not _takes_locks(workspace, path):
        return
    for facts in _that_count(workspace, path, _lock_facts):
        if facts.under:
            everywhere = _lock_routes(workspace)
            own = {order: by[facts.name] for order, by in everywhere.items() if facts.name in by}
            yield from check_lock_routes(facts, own, everywhere)


def _locks_of_callers(workspace: Workspace, path: str) -> Iterator[Diagnostic]:
    if _takes_locks(workspace, path):
        for cycle in _that_count(workspace, path, _cycle_facts):
            yield from check_lock_cycles(cycle, _of_name(workspace, _cycle_facts))


def _too_deep_calls(workspace: Workspace, path: str) -> Iterator[Diagnostic]:
    for facts in _that_count(workspace, path, _call_facts):
        yield from check_call_depth(facts, _of_name(workspace, _call_facts))


def findings_across(workspace: Workspace, path: str) -> Iterator[Diagnostic]:
    """What is wrong in a file only together with the bodies of others: locks and chains of calls."""
    yield from _crossed_locks(workspace, path)
    yield from _locks_of_callers(workspace, path)
    yield from _too_deep_calls(workspace, path)


def seen_by_others(workspace: Workspace, path: str) -> tuple[object, ...]:
    """All of a file that the findings in other files depend on: a value, the same as long as no other file need be checked again."""
    # Who takes which locks while whom waits is asked only by who takes some.
    facts = (_lock_facts, _cycle_facts) if _has_locks(workspace) else ()
    others = (of(workspace, path) for of in facts)
    return (exported(workspace, path), _call_facts(workspace, path), *others)


@query
def diagnostics(workspace: Workspace, path: str) -> tuple[Diagnostic, ...]:
    """All findings of a file that no comment in it silences, in the order of the text."""
    tree = parsed(workspace, path)
    found = [*tree.diagnostics, *check_file(tree.file, tree.tokens, path)]
    found.extend(findings_across(workspace, path))
    for analysis in analysed(workspace, path):
        found.extend(analysis.diagnostics)
    found.sort(key=lambda d: (d.span, d.code))
    return tuple(suppress(source(workspace, path), parsed(workspace, path).tokens, found))
