"""Declared inputs and outputs against values. A workflow's outputs are checked here when its job ends; the rest is the
database's to check, and the simulator's, by the same rules and in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jobcenter.artifact import Input, Json, Output
from jobcenter.engine.failure import TYPE, TaskError


def _is_integer(value: Json) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


_BASE: Mapping[str, Callable[[Json], bool]] = {
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: _is_integer(value) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_KNOWN = frozenset({*_BASE, "any", "json"})


def check_outputs(outputs: Iterable[Output], values: Mapping[str, Json]) -> bool:
    """Raises TaskError of class `type` that names the first output that is missing or of a wrong type. What is not declared passes.
    Gives whether there are outputs of named types (JSON Schemas): those are the database's to check."""
    named = False
    for output in outputs:
        if output.name in values:
            problem = _problem(values[output.name], output.type)
            if problem is not None:
                raise TaskError(TYPE, f'output argument "{output.name}" {problem}')
            named = named or output.type.rstrip("?[]") not in _KNOWN
        elif not output.optional:
            raise TaskError(TYPE, f'required output argument "{output.name}" not found')
    return named


def argument_problem(inputs: Iterable[Input], values: Mapping[str, Json]) -> str | None:
    """What is wrong with the arguments for a definition; None where nothing is. Named types pass."""
    for input in inputs:
        if input.name in values:
            problem = _problem(values[input.name], input.type)
            if problem is not None:
                return f'input argument "{input.name}" {problem}'
        elif not input.has_default:
            return f'required input argument "{input.name}" not found'
    return None


def type_name(value: Json) -> str:
    """The name of a value's type, as the language says it."""
    for name in ("null", "boolean", "number", "string", "array", "object"):
        if _BASE[name](value):
            return name
    return type(value).__name__


def _problem(value: Json, declared: str) -> str | None:
    """The end of the sentence about it, as the database's `type_problem` says it; None where the value fits."""
    if value is None:  # a null passes for every type
        return None
    if declared.endswith("?"):
        return _problem(value, declared[:-1])
    if declared.endswith("[]") and isinstance(value, list):
        for index, item in enumerate(value):
            problem = _problem(item, declared[:-2])
            if problem is not None:
                return f"{problem} at [{index}]"
        return None
    check = _BASE.get(declared)
    if (check is None or check(value)) and not declared.endswith("[]"):
        return None
    return f"has wrong type {type_name(value)} (should be {declared})"
