"""Declarations: types that exist, names that stand once, defaults that fit, the keys of `config:`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jcc.diagnostics import Diagnostic, Label, flow, names, style, types
from jcc.frontend import ast
from jcc.frontend.borrowed import TYPES
from jcc.frontend.checks.unit import Unit
from jcc.frontend.durations import is_interval
from jcc.frontend.nearest import known_names
from jcc.frontend.schemas import BASE_TYPES, BrokenSchema, is_known_type, type_of_reference
from jcc.frontend.signatures import constant_value
from jcc.frontend.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    NEVER,
    STRING,
    Field,
    Type,
    array_of,
    display,
    misfit,
    object_of,
)


def check_declarations(unit: Unit) -> Iterator[Diagnostic]:
    """The sections of a definition, each by itself."""
    for section in unit.definition.sections:
        match section:
            case ast.InputSection(keyword=keyword, entries=inputs):
                what = "input" if keyword == "in" else "environment value"
                yield from _twice([entry.name for entry in inputs], what)
                for entry in inputs:
                    yield from _type(unit, entry.type)
                    yield from _default(unit, entry)
            case ast.OutputSection(entries=outputs):
                yield from _twice([output.name for output in outputs], "output")
                for output in outputs:
                    yield from _type(unit, output.type)
                    yield from _output_name(unit, output.name)
            case ast.ConstantSection(keyword=keyword, entries=constants):
                yield from _set_twice(constants, keyword)
                if keyword == "config":
                    yield from _config(unit, constants)
            case ast.InterfaceSection(name=name):
                yield from _interface(unit, name)
            case ast.RoleSection(roles=roles):
                yield from _roles(roles)
            case _:
                pass
    has_body = any(unit.survey.sections(ast.BodySection)) or unit.survey.writes_hidden
    if unit.is_workflow and not has_body:
        yield flow.MISSING_BODY.at(unit.definition.header)


def _twice(declared: Iterable[ast.Name], what: str) -> Iterator[Diagnostic]:
    seen: dict[str, ast.Name] = {}
    for name in declared:
        first = seen.setdefault(name.text, name)
        if first is not name:
            yield names.DUPLICATE_DECLARATION.at(
                name.span,
                what=what,
                name=name.text,
                labels=(Label(first.span, "first declared here"),),
            )


def _set_twice(constants: Iterable[ast.Constant], section: str) -> Iterator[Diagnostic]:
    seen: dict[str, ast.Name] = {}
    for constant in constants:
        name = constant.name
        first = seen.setdefault(name.text, name)
        if first is not name:
            yield names.DUPLICATE_CONSTANT.at(
                name.span,
                name=name.text,
                section=section,
                labels=(Label(first.span, "first set here"),),
            )


def _roles(roles: Iterable[ast.Name]) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for role in roles:
        if role.text in seen:
            yield style.DUPLICATE_ROLE.at(role.span, name=role.text)
        seen.add(role.text)


def _type(unit: Unit, reference: ast.TypeReference) -> Iterator[Diagnostic]:
    name = reference.name
    if not is_known_type(name.text, unit.schemas):
        found = unit.guess(name, (*BASE_TYPES, *unit.schemas), synonyms=TYPES)
        yield names.UNKNOWN_TYPE.at(
            name.span,
            name=name.text,
            help=found.help or f"a type of its own stands in the file `{name.text}.schema.json`",
            fix=found.fix,
        )
    broken = unit.schemas.get(name.text)
    if isinstance(broken, BrokenSchema) and name.text not in BASE_TYPES:
        yield names.BROKEN_SCHEMA.at(
            name.span,
            name=name.text,
            why=broken.why,
            help=f"mend the file `{name.text}.schema.json`",
        )


def _output_name(unit: Unit, name: ast.Name) -> Iterator[Diagnostic]:
    if name.text == "error":
        yield names.OUTPUT_NAMED_ERROR.at(
            name.span,
            what="the job" if unit.is_workflow else "the task",
            help="give it another name, or let it fail",
        )


def _default(unit: Unit, entry: ast.InputDeclaration) -> Iterator[Diagnostic]:
    if entry.default is None:
        return
    wanted = type_of_reference(entry.type, unit.schemas)
    wrong = misfit(unit.type_of(entry.default), wanted)
    if wrong is not NEVER:
        yield types.WRONG_DEFAULT.at(
            entry.default.span, name=entry.name.text, given=display(wrong), wanted=display(wanted)
        )


def _interface(unit: Unit, name: ast.Name) -> Iterator[Diagnostic]:
    if name.text not in unit.catalog:
        found = unit.guess(name, unit.catalog, dotted=True)
        yield names.UNKNOWN_INTERFACE.at(name.span, name=name.text, help=found.help, fix=found.fix)


# -- config ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Setting:
    """A key of `config:`. `least` bounds a number, `duration` asks for a length of time."""

    words: str
    type: Type = ANY
    least: int | None = None
    duration: bool = False


_RETRY = object_of({"tries": Field(INTEGER, True), "interval": Field(ANY, False)})
_ACTION_SETTINGS = {
    "timeout": _Setting("a duration", duration=True),
    "retry": _Setting(
        'an object with `tries` and `interval`, as `{"tries": 3, "interval": "10s"}`', _RETRY
    ),
    "retryable": _Setting("a boolean", BOOLEAN),
    "filter": _Setting("an array of names of inputs", array_of(STRING)),
    "archive": _Setting("a duration", duration=True),
}
SETTINGS: dict[str, dict[str, _Setting]] = {
    "workflow": {
        "max_steps": _Setting("an integer above 0", INTEGER, least=1),
        "max_depth": _Setting("an integer above 0", INTEGER, least=1),
    },
    "action": _ACTION_SETTINGS,
    "procedure": _ACTION_SETTINGS,
}
"""The known keys of `config:` by the kind of definition."""

_KINDS = {"workflow": "a workflow", "action": "an action", "procedure": "a procedure"}


def _config(unit: Unit, constants: Iterable[ast.Constant]) -> Iterator[Diagnostic]:
    known = SETTINGS[unit.definition.kind]
    for constant in constants:
        name = constant.name
        setting = known.get(name.text)
        if setting is None:
            found = unit.guess(name, known)
            yield names.UNKNOWN_CONFIG_KEY.at(
                name.span,
                kind=_KINDS[unit.definition.kind],
                name=name.text,
                help=f"the keys are {known_names(known)}",
                fix=found.fix,
            )
        elif not _fits(unit, setting, constant.value):
            yield types.WRONG_CONFIG_VALUE.at(
                constant.value.span,
                name=name.text,
                wanted=setting.words,
                given=display(unit.type_of(constant.value)),
            )
        elif name.text == "filter":
            yield from _filter(unit, constant.value)


def _fits(unit: Unit, setting: _Setting, value: ast.Expression) -> bool:
    if misfit(unit.type_of(value), setting.type) is not NEVER:
        return False
    constant = constant_value(value)
    if setting.least is not None and isinstance(constant, int | float):
        return not isinstance(constant, bool) and constant >= setting.least
    if setting.type is _RETRY and isinstance(value, ast.ObjectLiteral):
        return all(
            is_interval(entry.value) if isinstance(entry, ast.Literal) else False
            for key, entry in value.entries
            if isinstance(key, ast.Literal) and key.value == "interval"
        )
    if setting.duration and isinstance(value, ast.Literal):
        return is_interval(value.value)
    return True


_ANY_WORKER = "_*_"  # lets workers come without a filter


def _filter(unit: Unit, value: ast.Expression) -> Iterator[Diagnostic]:
    """Workers filter on inputs: each name must be one."""
    if not isinstance(value, ast.Call):
        return
    for item in value.arguments:
        if not isinstance(item, ast.Literal) or item.value in (_ANY_WORKER, *unit.declared):
            continue
        yield names.UNKNOWN_INPUT.at(
            item.span,
            callee=unit.signature.name,
            name=item.value,
            help=f"its inputs are {known_names(unit.declared)}",
        )
