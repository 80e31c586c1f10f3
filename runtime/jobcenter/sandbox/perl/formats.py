"""Perl's `sprintf`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import normal_error, sandbox_error
from jobcenter.sandbox.limits import DIGITS, WIDTH, charge, charge_text
from jobcenter.sandbox.perl.numbers import pl_chr
from jobcenter.sandbox.values import number, text, whole

_FORMAT: Final = re.compile(
    r"%(?:(?P<place>\d{1,3})\$)?(?P<flags>[-+ 0#]*)(?P<width>\*|\d+)?"
    r"(?:\.(?P<digits>\*|\d*))?(?:hh|ll|[hlqLV])?(?P<kind>.)",
    re.DOTALL,
)
_UNSIGNED: Final = 1 << 64


def pl_sprintf(arguments: list[Json]) -> str:
    """A format (the first item), filled with the other items."""
    made: list[str] = []
    length = end = 0
    following = iter(arguments[1:])
    form = text(arguments[0]) if arguments else ""
    for found in _FORMAT.finditer(form):
        piece = form[end : found.start()] + _formatted(found, arguments, following)
        end = found.end()
        length += len(piece)
        charge_text(length)
        charge(1)
        made.append(piece)
    return "".join((*made, form[end:]))


def _formatted(found: re.Match[str], arguments: list[Json], following: Iterator[Json]) -> str:
    if found["kind"] == "%":
        return "%"
    width = _size(found["width"], following, WIDTH)
    digits = None if found["digits"] is None else _size(found["digits"] or "0", following, DIGITS)
    flags = found["flags"]
    if width is not None and width < 0:
        flags, width = flags + "-", -width
    if found["place"]:
        place = int(found["place"])
        value = arguments[place] if place < len(arguments) else None
    else:
        value = next(following, None)
    return _one_format(found["kind"], flags, width or 0, digits, value)


def _size(written: str | None, following: Iterator[Json], limit: int) -> int | None:
    if written is None:
        return None
    size = whole(next(following, None)) if written == "*" else int(written[:9])
    if abs(size) > limit:
        raise sandbox_error(f"a format of more than {limit:,} characters")
    return size


def _one_format(kind: str, flags: str, width: int, digits: int | None, value: Json) -> str:
    precision = "" if digits is None or digits < 0 else f".{digits}"
    match kind:
        case "s" | "c":
            shown = pl_chr(value) if kind == "c" else text(value)
            shown = shown[:digits] if precision else shown
            return _padded(shown, "0" in flags and "-" not in flags, "-" in flags, width)
        case "d" | "i" | "u":
            return _decimal(flags, width, precision, whole(value))
        case "e" | "E" | "f" | "F" | "g" | "G":
            try:
                return f"%{flags}{width or ''}{precision}{kind}" % float(number(value))
            except OverflowError:
                raise normal_error("the result is not a finite number") from None
        case "x" | "X" | "o" | "b" | "B":
            return _bits(kind, flags, width, digits, whole(value))
        case _:
            raise normal_error(f"a format has no `%{kind}`")


def _decimal(flags: str, width: int, precision: str, value: int) -> str:
    if precision:
        # With a number of digits, zeros do not fill the width; and no digits of 0 are none.
        flags = flags.replace("0", "")
        if precision == ".0" and value == 0:
            return " " * width
    return f"%{flags}{width or ''}{precision}d" % value


def _bits(kind: str, flags: str, width: int, digits: int | None, value: int) -> str:
    number_shown = format(value % _UNSIGNED if value < 0 else value, kind.replace("B", "b"))
    number_shown = "" if digits == 0 == value else number_shown.rjust(digits or 0, "0")
    prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b", "B": "0B"}[kind]
    if "#" not in flags or not value or (kind == "o" and number_shown.startswith("0")):
        prefix = ""
    if "0" in flags and "-" not in flags and digits is None:
        number_shown = number_shown.rjust(width - len(prefix), "0")
    return _padded(prefix + number_shown, False, "-" in flags, width)


def _padded(shown: str, zeros: bool, left: bool, width: int) -> str:
    return shown.ljust(width) if left else shown.rjust(width, "0" if zeros else " ")


FORMATS: Final[dict[str, Callable[..., object]]] = {
    function.__name__: function for function in (pl_sprintf,)
}
