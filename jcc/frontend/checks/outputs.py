"""The maps of a workflow: outputs that must be made, and values that nobody will see."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, Label, names, style
from jcc.frontend import ast
from jcc.frontend.checks.unit import Unit, first_name, path_text, spelled
from jcc.frontend.mapping import is_conditional
from jcc.frontend.nearest import nearest
from jcc.frontend.places import OUTPUTS_OF_JOB
from jcc.frontend.tables import Write


def check_outputs(unit: Unit) -> Iterator[Diagnostic]:
    """`wfomap` makes each output that must be there, and no other."""
    if not unit.is_workflow or _interface_unknown(unit):
        return
    made = _made(unit)
    known = {entry.name for entry in unit.signature.outputs}
    missing = [
        entry
        for entry in unit.signature.outputs
        if not entry.optional and not unit.usage.may_write("o", entry.name)
    ]
    for name in made.values():
        if name.text in known:
            continue
        meant = nearest(name.text, [entry.name for entry in missing])
        missing = [entry for entry in missing if entry.name != meant]
        found = unit.guess(name, known)
        yield names.UNDECLARED_OUTPUT.at(
            name.span, name=name.text, help=found.help or "declare it there", fix=found.fix
        )
    for entry in missing:
        own = unit.signature.interface is None
        yield names.OUTPUT_NOT_MADE.at(
            entry.span if own else unit.definition.name.span,
            name=entry.name,
            help=f"set it in `wfomap:`, as `{spelled(entry.name)} = v.{spelled(entry.name)}`, or declare it `optional`",
        )


def _interface_unknown(unit: Unit) -> bool:
    interface = unit.signature.interface
    return interface is not None and interface not in unit.catalog


def _made(unit: Unit) -> dict[str, ast.Name]:
    """The outputs that `wfomap` makes, each with its first mention."""
    made: dict[str, ast.Name] = {}
    for write in unit.fresh.writes:
        name = first_name(write.item.target)
        if write.root == "o" and write.use.place is OUTPUTS_OF_JOB and name is not None:
            made.setdefault(name.text, name)
    for name, use in unit.fresh.copies:
        if use.place is OUTPUTS_OF_JOB:
            made.setdefault(name.text, name)
    for name, block in unit.block_names("o", write=True):
        if block.place is OUTPUTS_OF_JOB:
            made.setdefault(name.text, name)
    return made


# -- values that nobody sees ----------------------------------------------------------------------------------------


def check_set_twice(unit: Unit) -> Iterator[Diagnostic]:
    """Within one map: a plain value that the same map replaces before anything reads it."""
    seen: set[tuple[ast.Map, str, str | None]] = set()
    suspects: dict[ast.Map, list[Write]] = {}
    for write in unit.fresh.writes:
        key = (write.use.map, write.root, write.name)
        if key in seen:
            suspects.setdefault(write.use.map, [])
        seen.add(key)
    if not suspects:
        return
    for write in unit.fresh.writes:
        if write.use.map in suspects:
            suspects[write.use.map].append(write)
    for writes in suspects.values():
        yield from _replaced(writes)


def _replaced(writes: list[Write]) -> Iterator[Diagnostic]:
    pending: dict[tuple[str, str], Write] = {}
    for write in writes:
        for root, name in _names_read(write.item):
            if name is None:
                pending = {key: value for key, value in pending.items() if key[0] != root}
            else:
                pending.pop((root, name), None)
        if write.name is None:
            pending.clear()
            continue
        key = (write.root, write.name)
        plain = write.item.op == "=" and len(write.item.target.keys) == 1
        if plain and not is_conditional(write.item):
            before = pending.get(key)
            if before is not None:
                yield names.SET_TWICE.at(
                    before.item.target.span,
                    name=path_text(before.item.target),
                    labels=(Label(write.item.target.span, "set again here"),),
                )
            pending[key] = write
        else:
            pending.pop(key, None)


def _names_read(item: ast.Assign) -> Iterator[tuple[str, str | None]]:
    """The root and first name of each path that an assignment reads; no name for a whole object."""
    todo: list[ast.Expression] = [item.value]
    todo.extend(key.value for key in item.target.keys if isinstance(key, ast.Index))
    while todo:
        node = todo.pop()
        match node:
            case ast.Path(root=root, keys=keys):
                name = first_name(node)
                if root is not None:
                    yield root, None if name is None else name.text
                todo.extend(key.value for key in keys if isinstance(key, ast.Index))
            case ast.Binary(left=left, right=right):
                todo += (left, right)
            case ast.Unary(operand=inner) | ast.Match(subject=inner):
                todo.append(inner)
            case ast.Call(arguments=arguments):
                todo.extend(arguments)
            case ast.ObjectLiteral(entries=entries):
                for entry in entries:
                    todo.extend(entry)
            case ast.CodeBlock() | ast.BrokenExpression():
                for root in "aeiotv":
                    yield root, None
            case ast.Literal():
                pass


def check_unused(unit: Unit) -> Iterator[Diagnostic]:
    """Variables that are set and inputs that are declared, and never read."""
    usage = unit.usage
    if not unit.is_workflow or unit.survey.reads_hidden:
        return
    rules = {"v": style.UNUSED_VARIABLE, "t": style.UNUSED_TEMPORARY}
    unread = {
        (root, name)
        for root in rules
        if not usage.reads_all_written(root)
        for name in usage.written[root] - usage.read[root]
    }
    for (root, name), node in _first_writes(unit, unread).items() if unread else ():
        yield rules[root].at(node.span, name=name)
    if unit.signature.interface is None:
        for entry in unit.signature.inputs:
            if not usage.may_read("a", entry.name):
                yield style.UNUSED_INPUT.at(entry.span, name=entry.name)


def _first_writes(unit: Unit, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], ast.Name]:
    """The first place where something sets each of some names of `v` and `t`; without those that are errors anyway."""
    found: dict[tuple[str, str], ast.Name] = {}
    for write in unit.survey.writes:
        if (write.root, write.name) in wanted and write.root in write.use.place.writable:
            name = first_name(write.item.target)
            if name is not None:
                found.setdefault((write.root, name.text), name)
    for name, use in unit.survey.copies:
        if use.place.source and (use.place.implicit, name.text) in wanted:
            found.setdefault((use.place.implicit, name.text), name)
    for root in "tv":
        for name, _ in unit.block_names(root, write=True):
            if (root, name.text) in wanted:
                found.setdefault((root, name.text), name)
    return found
