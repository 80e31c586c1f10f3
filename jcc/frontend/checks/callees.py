"""Callees: does the thing exist, is it of the right kind, and what do its maps give to it and read from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from jcc.diagnostics import Diagnostic, Label, names
from jcc.frontend import ast
from jcc.frontend.checks.unit import Unit, first_name
from jcc.frontend.nearest import known_names, nearest
from jcc.frontend.symbols import Input, Output, Signature
from jcc.frontend.tables import MapUse
from jcc.source import Span

_STARTERS = {
    ast.Callflow: "callflow",
    ast.MapStatement: "map",
    ast.Detachflow: "detachflow",
}
_ARTICLES = {"action": "an action", "procedure": "a procedure", "workflow": "a workflow"}


def check_callees(unit: Unit) -> Iterator[Diagnostic]:
    """Every name that is called."""
    for node in unit.fresh.callings:
        if isinstance(node, ast.InterfaceCall):
            yield from _interface_call(unit, node)
            continue
        starter = _STARTERS.get(type(node))
        callee = unit.model.callee_of(node)
        if callee is None:
            yield _unknown(unit, node.callee, starter)
        elif starter is not None and callee.kind != "workflow":
            yield names.NOT_A_WORKFLOW.at(
                node.callee.span,
                name=callee.name,
                kind=_ARTICLES[callee.kind],
                statement=starter,
                help=f"`call` calls actions and procedures; what `{starter}` starts is a workflow, which may do so",
                labels=declared(callee),
            )


def _unknown(unit: Unit, name: ast.Name, starter: str | None) -> Diagnostic:
    rule = names.UNKNOWN_ACTION if starter is None else names.UNKNOWN_WORKFLOW
    found = unit.guess(name, unit.catalog, dotted=True)
    return rule.at(name.span, name=name.text, help=found.help, fix=found.fix)


def declared(callee: Signature) -> tuple[Label, ...]:
    """The place where a callee is declared; none for one out of a database."""
    return (Label(callee.span, "declared here", callee.path),) if callee.path else ()


def declared_entries(callee: Signature, entries: Iterable[Input | Output]) -> tuple[Label, ...]:
    """The places where inputs or outputs of a callee are declared: in its interface's file, if it has one."""
    path = callee.entries_path
    return tuple(Label(entry.span, "declared here", path) for entry in entries if path)


def _interface_call(unit: Unit, node: ast.InterfaceCall) -> Iterator[Diagnostic]:
    interface = unit.model.callee_of(node)
    if interface is None:
        found = unit.guess(node.interface, unit.catalog, dotted=True)
        yield names.UNKNOWN_INTERFACE.at(
            node.interface.span, name=node.interface.text, help=found.help, fix=found.fix
        )
    seen: set[str] = set()
    for name in node.destinations:
        callee = unit.model.callees.get(name.text)
        if name.text in seen:
            yield names.DUPLICATE_DESTINATION.at(name.span, name=name.text)
        elif callee is None:
            yield _unknown(unit, name, None)
        elif interface is not None:
            yield from _differences(name, interface, callee)
        seen.add(name.text)
    selector = node.selector
    if isinstance(selector, ast.Literal) and str(selector.value) not in seen:
        yield names.UNKNOWN_DESTINATION.at(
            selector.span, name=selector.value, help=f"the destinations are {known_names(seen)}"
        )


def _differences(name: ast.Name, interface: Signature, callee: Signature) -> Iterator[Diagnostic]:
    """A destination takes what the interface is given, and gives what the interface promises."""
    why = None
    for entry in interface.inputs:
        if callee.input(entry.name) is None:
            why = f"it has no input `{entry.name}`"
    for entry in callee.inputs:
        if entry.required and interface.input(entry.name) is None:
            why = f"it needs the input `{entry.name}`, which the interface does not have"
    for output in interface.outputs:
        if not output.optional and callee.output(output.name) is None:
            why = f"it has no output `{output.name}`"
    if why is not None:
        yield names.DESTINATION_DIFFERS.at(
            name.span,
            name=name.text,
            interface=interface.name,
            why=why,
            labels=(*declared(callee), *declared(interface)),
        )


# -- what is given and what is read ---------------------------------------------------------------------------------


def check_inputs(unit: Unit) -> Iterator[Diagnostic]:
    """The names of inputs that are given, and those that are missing."""
    given: dict[ast.Map, dict[str, ast.Name]] = {}
    everything: set[ast.Map] = set()
    for write in unit.fresh.writes:
        target = write.item.target
        if write.root == "i" and write.name is not None:
            first = target.keys[0]
            if isinstance(first, ast.Field):
                given.setdefault(write.use.map, {}).setdefault(write.name, first.name)
        elif write.root == "i":
            everything.add(write.use.map)
    for name, use in unit.fresh.copies:
        if use.place.implicit == "i":
            given.setdefault(use.map, {}).setdefault(name.text, name)
    for name, block in unit.block_names("i", write=True):
        if block.use is not None:
            given.setdefault(block.use.map, {}).setdefault(name.text, name)
    everything.update(use.map for _, use in unit.fresh.everything)
    everything.update(unit.usage.opaque)
    for use in unit.fresh.maps:
        contract = unit.contract_for(use)
        if contract is None or use.place.implicit != "i":
            continue
        known = given.get(use.map, {})
        unknown = [name for name in known.values() if name.text not in contract.inputs]
        missing = [entry for entry in contract.required if entry.name not in known]
        if use.map in everything or _has_broken(use.map):
            missing = []
        for name in unknown:
            meant = nearest(name.text, [entry.name for entry in missing])
            missing = [entry for entry in missing if entry.name != meant]
            yield _unknown_input(unit, contract.signature, name, known)
        if missing:
            yield _missing_inputs(contract.signature, use.owner, missing)


def _has_broken(map: ast.Map) -> bool:
    return any(isinstance(item, ast.BrokenItem) for item in map.items)


def _unknown_input(
    unit: Unit, callee: Signature, name: ast.Name, given: Collection[str]
) -> Diagnostic:
    known = [entry.name for entry in callee.inputs]
    found = unit.guess(name, [entry for entry in known if entry not in given])
    listed = f"its inputs are {known_names(known)}" if known else "it has no inputs"
    return names.UNKNOWN_INPUT.at(
        name.span,
        callee=callee.name,
        name=name.text,
        help=found.help or listed,
        fix=found.fix,
        labels=declared(callee),
    )


def _missing_inputs(callee: Signature, owner: ast.Node, missing: list[Input]) -> Diagnostic:
    listed = ", ".join(f"`{entry.name}`" for entry in missing)
    return names.MISSING_INPUT.at(
        callee_span(owner),
        callee=callee.name,
        inputs=f"the input {listed}" if len(missing) == 1 else f"the inputs {listed}",
        help=", ".join(f"{entry.name} is {entry.type}" for entry in missing),
        labels=declared_entries(callee, missing),
    )


def callee_span(owner: ast.Node) -> Span:
    """Where a statement says whom it calls; for a statement of the language its keyword."""
    match owner:
        case ast.CallStatement() | ast.Callflow() | ast.MapStatement() | ast.Detachflow():
            return owner.callee.span
        case ast.InterfaceCall():
            return owner.interface.span
        case _:
            start = owner.span.start
            return Span(start, start + len(keyword_of(owner)))


def keyword_of(owner: ast.Node) -> str:
    """The word that a statement begins with."""
    match owner:
        case ast.CallStatement():
            return "call"
        case ast.MapStatement():
            return "map"
        case ast.InterfaceCall():
            return "interface"
        case ast.EventStatement(keyword=keyword) | ast.Eval(keyword=keyword):
            return keyword
        case ast.WaitForEvent():
            return "wait_for_event"
        case ast.WaitForLock():
            return "wait_for_lock"
        case ast.RaiseError():
            return "raise_error"
        case _:
            return type(owner).__name__.lower()


def check_outputs_read(unit: Unit) -> Iterator[Diagnostic]:
    """The names of a callee's outputs that are read in its output map."""
    for read in unit.fresh.reads:
        if read.path.root == "o" and read.use is not None and read.use.place.source == "o":
            name = first_name(read.path)
            if name is not None:
                yield from _output_read(unit, name, read.use)
    for name, use in unit.fresh.copies:
        if use.place.source == "o":
            yield from _output_read(unit, name, use)
    for name, block in unit.block_names("o", write=False):
        if block.use is not None and block.use.place.source == "o":
            yield from _output_read(unit, name, block.use)


def _output_read(unit: Unit, name: ast.Name, use: MapUse) -> Iterator[Diagnostic]:
    contract = unit.contract_for(use)
    if contract is None or name.text in contract.outputs:
        return
    known = list(contract.outputs)
    found = unit.guess(name, known)
    listed = f"its outputs are {known_names(known)}" if known else "it has no outputs"
    yield names.UNKNOWN_OUTPUT.at(
        name.span,
        callee=contract.signature.name,
        name=name.text,
        help=found.help or listed,
        fix=found.fix,
        labels=declared(contract.signature),
    )
