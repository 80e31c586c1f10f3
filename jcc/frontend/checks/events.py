"""Events: what is waited for was subscribed to, what is subscribed to is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from jcc.diagnostics import Diagnostic, Label, locks, types
from jcc.frontend import ast
from jcc.frontend.checks.callees import callee_span
from jcc.frontend.checks.unit import Unit
from jcc.frontend.types import (
    NEVER,
    STRING,
    ArrayType,
    array_of,
    defined,
    display,
    misfit,
    union_of,
)


@dataclass(slots=True)
class _Names:
    """The event names of one kind of statement; not `complete` where one is known at run time only."""

    named: list[tuple[str, ast.Literal]] = field(default_factory=list)
    complete: bool = True

    def add(self, value: ast.Expression) -> None:
        match value:
            case ast.Literal(value=str(name)):
                self.named.append((name, value))
            case ast.Call(function=ast.Name(text="array"), arguments=items):
                for item in items:
                    self.add(item)
            case _:
                self.complete = False

    @property
    def texts(self) -> set[str]:
        return {name for name, _ in self.named}


_NAMES = union_of((STRING, array_of(STRING)))


def check_events(unit: Unit) -> Iterator[Diagnostic]:
    """The names of `subscribe`, `unsubscribe` and `wait_for_event`, held against each other."""
    statements = unit.survey.statements
    if ast.EventStatement not in statements and ast.WaitForEvent not in statements:
        return
    groups = {"subscribe": _Names(), "unsubscribe": _Names(), "wait_for_event": _Names()}
    for use in unit.survey.maps:
        match use.owner:
            case ast.EventStatement(keyword="subscribe" | "unsubscribe" as keyword):
                _collect(groups[keyword], use.map, "name")
            case ast.WaitForEvent(inputs=inputs) if use.map is inputs:
                _collect(groups["wait_for_event"], inputs, "events")
                yield from _events(unit, use.owner)
            case _:
                pass
    if not unit.survey.writes_hidden:
        yield from _compare(
            unit, groups["subscribe"], groups["unsubscribe"], groups["wait_for_event"]
        )


def _collect(names: _Names, map: ast.Map, key: str) -> None:
    if map.block is not None:
        names.complete = False
    for item in map.items:
        match item:
            case ast.Assign(op="=", target=ast.Path(keys=(ast.Field(name=name),)), value=value):
                if name.text == key:
                    names.add(value)
            case _:
                names.complete = False


def _events(unit: Unit, owner: ast.WaitForEvent) -> Iterator[Diagnostic]:
    """What is waited for is one name or an array of them, and not an empty one."""
    given = _given(owner.inputs)
    if given is None:
        return
    empty = "events" not in given
    for value in given.get("events", ()):
        type = unit.type_of(value)
        wrong = misfit(type, _NAMES)
        if wrong is not NEVER and wrong == defined(type):
            yield types.WRONG_EVENTS.at(value.span, given=display(wrong))
        empty = empty or (isinstance(type, ArrayType) and type.item is NEVER)
    if empty:
        help = "`sleep` waits for a time"
        if "timeout" not in given:
            help = "nothing ends this wait: the job gets an error"
        yield locks.NO_EVENTS.at(callee_span(owner), help=help)


def _given(inputs: ast.Map) -> dict[str, list[ast.Expression]] | None:
    """The values of a map by their names; None where not all of them can be seen."""
    given: dict[str, list[ast.Expression]] = {}
    for item in inputs.items:
        match item:
            case ast.Assign(target=ast.Path(keys=(ast.Field(name=name),)), value=value):
                given.setdefault(name.text, []).append(value)
            case _:
                return None
    return given if inputs.block is None else None


def _compare(
    unit: Unit, subscribed: _Names, unsubscribed: _Names, awaited: _Names
) -> Iterator[Diagnostic]:
    known, ended, wanted = subscribed.texts, unsubscribed.texts, awaited.texts
    if subscribed.complete:
        for rule, group in (
            (locks.EVENT_NOT_SUBSCRIBED, awaited),
            (locks.UNSUBSCRIBE_UNKNOWN, unsubscribed),
        ):
            for name, literal in group.named:
                if name not in known:
                    found = unit.guess_text(name, literal.span, known)
                    yield rule.at(literal.span, name=name, help=found.help)
    mistaken = subscribed.complete and bool(wanted - known)
    seen: dict[str, ast.Literal] = {}
    for name, literal in subscribed.named:
        first = seen.setdefault(name, literal)
        if first is not literal:
            if name not in ended and unsubscribed.complete:
                yield locks.SUBSCRIBED_TWICE.at(
                    literal.span, name=name, labels=(Label(first.span, "subscribed here"),)
                )
        elif awaited.complete and not mistaken and name not in wanted:
            yield locks.SUBSCRIPTION_UNUSED.at(literal.span, name=name)
