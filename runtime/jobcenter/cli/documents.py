"""JSON from the command line, and what is wrong with it. Says where, as exactly as a compiler would."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from jobcenter.errors import InvalidArguments, UsageError


def read_object(text: str, what: str) -> dict[str, Any]:
    """The object that `text` (or standard input, for `-`) is in JSON. Raises UsageError that names `what`."""
    if text == "-":
        text = sys.stdin.read()
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UsageError(_pointed(text, what, error)) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{what}: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(
            f'{what}: a JSON object is needed, such as {{"input": 123}}; this is {_kind(value)}'
        )
    return value


def refuse_unknown(given: Mapping[str, Any], workflow: Mapping[str, Any]) -> None:
    """Raises InvalidArguments for an argument that the workflow (as get_workflow_info tells it) does not declare."""
    known = [entry["name"] for entry in workflow["inputs"]]
    for name in given:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean `{nearest[0]}`?" if nearest else f"it has {_listed(known)}"
            raise InvalidArguments(f"workflow {workflow['name']} has no input `{name}`: {hint}")


def _pointed(text: str, what: str, error: json.JSONDecodeError) -> str:
    """The message, the line it is about, and a caret below the place."""
    line = text.split("\n")[error.lineno - 1]
    begin = max(0, error.colno - 60)
    shown = line[begin : begin + 100]
    caret = " " * (error.colno - 1 - begin) + "^"
    place = f"line {error.lineno}, column {error.colno}"
    return (
        f"{what}: not JSON, {place}: {error.msg[:1].lower()}{error.msg[1:]}\n  {shown}\n  {caret}"
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is not JSON")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "a number"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
