"""From a workspace to compiled definitions: which ones are needed, in which order, and the backend's work on each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jcc.diagnostics import Diagnostic, Severity
from jcc.workspace import Analysis, Workspace, analysed, diagnostics, signature, source
from jobcenter.artifact import Definition


@dataclass(frozen=True, slots=True)
class Unit:
    """One definition that is to be compiled, and its file."""

    path: str
    analysis: Analysis

    @property
    def name(self) -> str:
        return self.analysis.model.definition.name.text


def needed(workspace: Workspace, paths: Iterable[str]) -> list[Unit]:
    """The definitions of the files and all that they call, in any depth: callees first, each once. Where workflows call
    each other in a ring, the order inside the ring is that of the first one met."""
    done: dict[str, Unit] = {}
    entered: set[str] = set()
    # An explicit stack: call chains may be deeper than Python's own.
    todo: list[tuple[Unit, bool]] = [
        (Unit(path, analysis), False)
        for path in reversed(list(paths))
        for analysis in reversed(analysed(workspace, path))
    ]
    while todo:
        unit, callees_done = todo.pop()
        if callees_done:
            done[unit.name] = unit
        elif unit.name not in entered:
            entered.add(unit.name)
            todo.append((unit, True))
            todo.extend((callee, False) for callee in _callees(workspace, unit))
    return list(done.values())


def _callees(workspace: Workspace, unit: Unit) -> list[Unit]:
    model = unit.analysis.model
    used = {callee.name for callee in model.callees.values()}
    if model.signature.interface is not None:
        used.add(model.signature.interface)
    found = []
    for name in sorted(used, reverse=True):
        callee = signature(workspace, name)
        if callee is None or not callee.path:
            continue
        for analysis in analysed(workspace, callee.path):
            if analysis.model.definition.name.text == name:
                found.append(Unit(callee.path, analysis))
                break
    return found


def errors_in(workspace: Workspace, units: Iterable[Unit]) -> list[str]:
    """The files of the units that hold an error: nothing of them can be compiled."""
    return [
        path
        for path in dict.fromkeys(unit.path for unit in units)
        if any(d.severity >= Severity.ERROR for d in diagnostics(workspace, path))
    ]


def compile_unit(workspace: Workspace, unit: Unit) -> tuple[Definition, tuple[Diagnostic, ...]]:
    """The artifact of a definition without errors, and what only the backend could find."""
    # Loads RestrictedPython, which checking a file must not pay for.
    from jcc.backend.compile import compile_definition

    model = unit.analysis.model
    return compile_definition(source(workspace, unit.path), model.definition, model)
