"""What translated Perl blocks need beyond the operations of native code: `PERL`, by name.

Total: only JclError is raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import JclError
from jobcenter.sandbox.perl.containers import CONTAINERS, Array
from jobcenter.sandbox.perl.formats import FORMATS
from jobcenter.sandbox.perl.lists import LISTS
from jobcenter.sandbox.perl.matching import MATCHING
from jobcenter.sandbox.perl.numbers import NUMBERS
from jobcenter.sandbox.perl.texts import TEXTS
from jobcenter.sandbox.values import text


def pl_ref(value: Json) -> str:
    """`HASH`, `ARRAY`, or '' for what is no reference."""
    return "HASH" if isinstance(value, dict) else "ARRAY" if isinstance(value, list) else ""


def pl_apply(function: Callable[..., Json], arguments: Array) -> Json:
    """Calls a function with the items of a list."""
    return function(*arguments)


def pl_die(message: Json) -> None:
    """Ends the job's step with an error: of a text, or of an object with `msg` and perhaps `class`."""
    if isinstance(message, dict):
        raise JclError(
            text(message.get("class")) or "normal", text(message.get("msg")).removesuffix("\n")
        )
    raise JclError("normal", text(message).removesuffix("\n"))


PERL: Final[dict[str, Callable[..., object]]] = {
    **CONTAINERS,
    **LISTS,
    **NUMBERS,
    **TEXTS,
    **FORMATS,
    **MATCHING,
    "pl_ref": pl_ref,
    "pl_apply": pl_apply,
    "pl_die": pl_die,
}
