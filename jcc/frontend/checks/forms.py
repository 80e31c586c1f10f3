"""Values that must have a form: patterns, durations, what a lock or an event is named by, lists to go through."""

from __future__ import annotations

from collections.abc import Iterator

from jcc.diagnostics import Diagnostic, locks, types
from jcc.frontend import ast
from jcc.frontend.checks.given import reaches
from jcc.frontend.checks.unit import Unit
from jcc.frontend.conversion import no_text
from jcc.frontend.durations import is_duration
from jcc.frontend.types import (
    ARRAY,
    NEVER,
    NULL,
    NUMBER,
    STRING,
    defined,
    display,
    misfit,
    union_of,
)
from jcc.source import Span

_NAMES = union_of((STRING, NUMBER))
_FLAGS = frozenset("imsx")


# -- patterns -------------------------------------------------------------------------------------------------------


def check_patterns(unit: Unit) -> Iterator[Diagnostic]:
    """Regular expressions that the runtime could not read."""
    for match in unit.fresh.matches:
        yield from _pattern(match.pattern, match.flags, match.pattern_span)
    for call in unit.fresh.calls:
        if call.function.text == "matches" and len(call.arguments) >= 2:
            match call.arguments[1]:
                case ast.Literal(value=str(pattern), span=span):
                    yield from _pattern(pattern, "", span)
                case _:
                    pass


def _pattern(pattern: str, flags: str, span: Span) -> Iterator[Diagnostic]:
    unknown = sorted(set(flags) - _FLAGS)
    if unknown:
        yield types.BAD_PATTERN.at(
            span, problem=f"no flag `{unknown[0]}`", help="the flags are `imsx`"
        )
        return
    import regex  # takes as long to import as a small file to check, and few files have patterns

    try:
        regex.compile(pattern, regex.V0)
    except (regex.error, OverflowError, RecursionError, ValueError) as error:
        if not any(form in pattern for form in _TRANSLATED):
            yield types.BAD_PATTERN.at(span, problem=str(error))


# The runtime puts these in other words before it reads a pattern.
_TRANSLATED = ("\\x{", "\\k", "\\Z")


# -- durations ------------------------------------------------------------------------------------------------------


def check_durations(unit: Unit) -> Iterator[Diagnostic]:
    """How long `sleep` sleeps, and how long the waiting statements wait."""
    for node in unit.fresh.of(ast.Sleep):
        if node.duration is None:
            continue
        type = unit.type_of(node.duration)
        if reaches(type, _NAMES) and type is not NULL:
            yield types.NULL_REACHES.at(node.duration.span, what="`sleep`", wanted="a duration")
        elif type is NULL:
            yield types.BAD_DURATION.at(node.duration.span, given="null")
        else:
            yield from _duration(unit, node.duration)
    for write in unit.fresh.writes:
        is_timeout = write.root == "i" and write.name == "timeout" and write.item.op == "="
        if is_timeout and isinstance(write.use.owner, ast.Sleep | ast.WaitForEvent):
            yield from _duration(unit, write.item.value)


def _duration(unit: Unit, value: ast.Expression) -> Iterator[Diagnostic]:
    type = unit.type_of(value)
    if isinstance(value, ast.Literal):
        if value.value is not None and not is_duration(value.value):
            yield types.BAD_DURATION.at(
                value.span,
                given=display(type),
                help="a duration is a number of seconds, or an interval such as `'2 hours 30 minutes'`",
            )
        return
    wrong = union_of((no_text(type), misfit(type, _NAMES)))
    if wrong is not NEVER and wrong == defined(type):
        yield types.BAD_DURATION.at(value.span, given=display(wrong))


# -- locks ----------------------------------------------------------------------------------------------------------


def check_lock_values(unit: Unit) -> Iterator[Diagnostic]:
    """A lock is named by a text or a number."""
    for lock in unit.fresh.of(ast.Lock):
        yield from _lock_value(unit, lock.value)
    for unlock in unit.fresh.of(ast.Unlock):
        yield from _lock_value(unit, unlock.value)
    for section in unit.survey.sections(ast.LocksSection):
        for entry in section.entries:
            if entry.value is not None:
                yield from _lock_value(unit, entry.value)
    for write in unit.fresh.writes:
        if isinstance(write.use.owner, ast.WaitForLock) and write.root == "i":
            if write.name == "value":
                yield from _lock_value(unit, write.item.value)
            elif write.name == "wait":
                yield from _wait(unit, write.item.value)


def _lock_value(unit: Unit, value: ast.Expression) -> Iterator[Diagnostic]:
    type = unit.type_of(value)
    wrong = type if type is NULL else no_text(type)
    if wrong is not NEVER and wrong == (type if wrong is NULL else defined(type)):
        yield types.WRONG_LOCK_VALUE.at(value.span, given=display(wrong))
    elif reaches(type, _NAMES):
        yield types.NULL_REACHES.at(value.span, what="a lock", wanted="a value")


def _wait(unit: Unit, value: ast.Expression) -> Iterator[Diagnostic]:
    match value:
        case ast.Literal(value=bool() | None | "yes" | "no"):
            return
        case ast.Literal(value=given) if not is_duration(given):
            yield locks.BAD_WAIT.at(value.span, given=display(unit.type_of(value)))
        case _:
            return


# -- lists ----------------------------------------------------------------------------------------------------------


def check_lists(unit: Unit) -> Iterator[Diagnostic]:
    """What `map` goes through, and what `,=` appends to, is an array."""
    for node in unit.fresh.of(ast.MapStatement):
        type = unit.type_of(node.using)
        wrong = misfit(type, ARRAY)
        if type is NULL or (wrong is not NEVER and wrong == defined(type)):
            yield types.NOT_AN_ARRAY.at(node.using.span, what="map … using", given=display(type))
        elif reaches(type, ARRAY):
            yield types.NULL_REACHES.at(
                node.using.span,
                what="`map`",
                wanted="an array",
                help="`list(…)` makes an empty array of null",
            )

    for item, type in unit.inferred.appended.items():
        yield types.NOT_AN_ARRAY.at(item.target.span, what=",=", given=display(type))
