"""Fuel and sizes: how much one piece of a workflow's code may do, and the one door through which it is called.

Fuel is counted in units of about a microsecond of work or 64 bytes of new value. Loops, calls and whatever takes
time or room in proportion to a value pay for it through `charge`; straight native code is so short that it does not.
Nothing here can be caught by the code it limits, since code blocks have no `try`. What this layer cannot stop, the
executor process does (`jobcenter.executor`). The budget is the process's: one thread at a time runs code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import TracebackType
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import JclError, normal_error, sandbox_error, type_error

FUEL: Final = 1_000_000
REGEX_SECONDS: Final = 0.3  # of matching, in one task
TEXT: Final = 10_000_000  # characters of a string
ITEMS: Final = 1_000_000  # of an array or an object
INTEGER_BITS: Final = 10_000  # some 3,000 digits; Python itself refuses to print more than 4,300
DEPTH: Final = 200  # of arrays and objects in each other
DIGITS: Final = 400  # the digits that `round` and a format may ask for
WIDTH: Final = 10_000  # the width that a format may ask for
PATTERN: Final = 1_000  # characters of a regular expression
REPEATS: Final = 10_000  # the product of its counts, `(a{10}){20}` being 200
SUBJECT: Final = 1_000_000  # characters of what it is matched with
SOURCE: Final = 2_000_000  # characters of a module's Python
MODULE_NAME: Final = "jcl"  # the `__name__` of generated modules: marks their frames in a traceback

_NAME: Final = re.compile(r"'(\w+)'")
_INTERNAL: Final = re.compile(r"\w+\.<locals>\.| at 0x[0-9a-f]+|\b(?:block_|fn_|_)(?=\w+\(\))")


class Budget:
    """What is left for the piece of code that runs now."""

    __slots__ = ("fuel", "regex_seconds")

    def __init__(self) -> None:
        self.refill()

    def refill(self, fuel: int = FUEL) -> None:
        self.fuel = fuel
        self.regex_seconds = REGEX_SECONDS


budget: Final = Budget()


def charge(units: int) -> None:
    """Takes fuel. Raises JclError when there is none left."""
    budget.fuel -= units
    if budget.fuel < 0:
        raise sandbox_error(f"the code needs more than {FUEL:,} units of fuel: an endless loop?")


def charge_text(length: int) -> None:
    """Pays for a string that is about to be made. Raises JclError where it would be too long."""
    if length > TEXT:
        raise sandbox_error(f"a string of more than {TEXT:,} characters")
    if length > 256:
        charge(length >> 6)


def charge_items(count: int) -> None:
    """Pays for an array or an object that is about to be made. Raises JclError where it would be too long."""
    if count > ITEMS:
        raise sandbox_error(f"an array or object of more than {ITEMS:,} entries")
    if count > 32:
        charge(count >> 3)


def run(function: Callable[..., Json], *arguments: Json, fuel: int = FUEL) -> Json:
    """Calls a function of a module with a fresh budget. Gives its value; whatever goes wrong in it is raised as
    JclError, with the line."""
    budget.refill(fuel)
    try:
        return function(*arguments)
    except Exception as error:
        found = as_jcl_error(error)
        found.line = _line(error.__traceback__)
        if found is error:
            raise
        raise found from error
    finally:
        budget.refill()  # for what is called from outside, as the compiler does


def as_jcl_error(error: Exception) -> JclError:
    """The error of the job that an exception of its code amounts to."""
    match error:
        case JclError():
            return error
        case RecursionError():
            return sandbox_error("functions call each other too deeply")
        case MemoryError():
            return sandbox_error("out of memory")
        case ZeroDivisionError():
            return normal_error("division by zero")
        case TypeError():
            return type_error(_told(error))
        case NameError():
            name = _NAME.search(str(error))
            return normal_error(f"`{name[1] if name else ''}` is used before it is set")
        case _:
            return normal_error(_told(error))


def _told(error: Exception) -> str:
    """The message of an error of Python's, without what is the sandbox's own in it."""
    return _INTERNAL.sub("", str(error)[:500]) or type(error).__name__


def _line(traceback: TracebackType | None) -> int | None:
    """The innermost line of generated code."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__name__") == MODULE_NAME:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
