"""Durations: a number of seconds, or a text that every supported Postgres reads as an interval.

What is accepted here Postgres accepts; of what Postgres accepts, oddities (`1;day`, `days 3`) are left out, and what is below 0 (`1 day ago`),
which the runtime refuses too. For both a month is 30 days then, as it is where Postgres compares intervals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# Each unit's seconds, and how it may be written.
_UNITS = {
    "microsecond": (1e-6, "us usec usecs usecond useconds microsecond microseconds"),
    "millisecond": (1e-3, "ms msec msecs msecond mseconds millisecond milliseconds"),
    "second": (1, "s sec secs second seconds"),
    "minute": (60, "m min mins minute minutes"),
    "hour": (3600, "h hr hrs hour hours"),
    "day": (86_400, "d day days"),
    "week": (7 * 86_400, "w week weeks"),
    "month": (30 * 86_400, "mon mons month months"),
    "year": (360 * 86_400, "y yr yrs year years"),
    "decade": (3600 * 86_400, "dec decs decade decades"),
    "century": (36_000 * 86_400, "c cent century centuries"),
    "millennium": (360_000 * 86_400, "mil mils millennium millennia"),
}
_UNIT_OF = {word: unit for unit, (_, words) in _UNITS.items() for word in words.split()}
_SECOND = ("second", "millisecond", "microsecond")  # what a second with a fraction sets
_CLOCK = ("hour", "minute", *_SECOND)

# Five thousand years: from now, Postgres has a time for each end of it.
_MOST_SECONDS = 5000 * 360 * 86_400
_MOST_CHARACTERS = 100  # longer ones have more fields than Postgres reads

_DIGITS = r"\d{1,12}"
_AMOUNT = rf"(?:[-+]?{_DIGITS}(?:\.\d+)?|\.\d+)"
_ITEM = re.compile(
    rf"(?:(?P<clock>[-+]?{_DIGITS}:[0-5]?\d(?::[0-5]?\d(?:\.\d*)?)?)(?=[\s,]|$)"
    rf"|(?P<months>[-+]?\d{{1,4}}-(?:1[01]|0?\d))(?=[\s,]|$)"
    rf"|(?P<amount>{_AMOUNT})\s*(?P<unit>[dhmsy](?=\d)|[a-z]+(?=[\s,]|$))"
    rf"|(?P<bare>{_AMOUNT})(?=[\s,]|$))[\s,]*",
    re.IGNORECASE | re.ASCII,
)
_WHOLE = re.compile(
    r"\s*(?:@\s*)?(?P<items>.*?)(?P<ago>[\s,]+ago)?\s*", re.IGNORECASE | re.ASCII | re.DOTALL
)
_ISO_AMOUNT = r"[-+]?\d{1,3}(?:\.\d+)?"
_ISO = re.compile(
    rf"P(?!$)(?P<days>(?:{_ISO_AMOUNT}[YMWD])*)(?:T(?P<time>(?:{_ISO_AMOUNT}[HMS])+))?", re.ASCII
)
_ISO_ITEM = re.compile(rf"({_ISO_AMOUNT})([YMWDHS])", re.ASCII)
_SECONDS = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE | re.ASCII)


def is_duration(value: str | int | float | bool | None) -> bool:
    """Whether a constant can stand for a duration in a statement: no boolean, no null, nothing below 0."""
    if isinstance(value, str) and _SECONDS.fullmatch(value):
        return float(value) <= _MOST_SECONDS
    return is_interval(value)


def is_interval(value: str | int | float | bool | None) -> bool:
    """Whether a constant can stand for a duration in `config:`, where it is an interval for Postgres itself."""
    match value:
        case bool() | None:
            return False
        case str():
            short = len(value) <= _MOST_CHARACTERS
            return short and (_is_iso(value) or _is_traditional(value))
        case number:
            return 0 <= number <= _MOST_SECONDS


def _is_iso(text: str) -> bool:
    """`P1DT2H`."""
    whole = _ISO.fullmatch(text)
    if whole is None:
        return False
    days = sum(_iso_seconds(whole["days"], "M", "month"))
    return days + sum(_iso_seconds(whole["time"] or "", "M", "minute")) >= 0


def _iso_seconds(items: str, ambiguous: str, unit: str) -> Iterator[float]:
    for number, letter in _ISO_ITEM.findall(items):
        yield float(number) * _UNITS[unit if letter == ambiguous else _UNIT_OF[letter.lower()]][0]


class _Part(NamedTuple):
    """The units that one part of an interval sets, and how many seconds it is."""

    units: tuple[str, ...]
    seconds: float


def _is_traditional(text: str) -> bool:
    """`1 year 2 days 3:04`: no unit stands twice; a number alone is days before a clock, and seconds at the end."""
    whole = _WHOLE.fullmatch(text)
    items = _items(whole["items"]) if whole is not None else []
    if whole is None or not items or (whole["ago"] and items[-1]["bare"]):
        return False
    parts: list[_Part] = []
    for item, following in zip(items, [*items, None][1:], strict=True):
        part = _part(item, following)
        if part is None:
            return False
        parts.append(part)
    units = [unit for part in parts for unit in part.units]
    total = sum(part.seconds for part in parts) * (-1 if whole["ago"] else 1)
    size = sum(abs(part.seconds) for part in parts)
    return len(set(units)) == len(units) and total >= 0 and size <= _MOST_SECONDS


def _items(text: str) -> list[re.Match[str]]:
    """The parts of an interval; none where one of them cannot be read."""
    items: list[re.Match[str]] = []
    at = 0
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            return []
        items.append(item)
        at = item.end()
    return items


def _part(item: re.Match[str], following: re.Match[str] | None) -> _Part | None:
    """None where there is no such unit."""
    if item["clock"]:
        return _Part(_CLOCK, _signed(item["clock"], ":", (3600, 60, 1)))
    if item["months"]:
        return _Part(("month",), _signed(item["months"], "-", (360 * 86_400, 30 * 86_400)))
    if item["unit"]:
        return _amount(item["amount"], _UNIT_OF.get(item["unit"].lower()))
    if following is None:
        return _amount(item["bare"], "second")
    return _amount(item["bare"], "day") if following["clock"] else None


def _signed(text: str, between: str, sizes: Sequence[int]) -> float:
    """`-1:30`: the sign is of all of it."""
    numbers = text.lstrip("+-").split(between)
    seconds = sum(float(number) * size for number, size in zip(numbers, sizes, strict=False))
    return -seconds if text.startswith("-") else seconds


def _amount(number: str, unit: str | None) -> _Part | None:
    if unit is None:
        return None
    units = _SECOND if unit == "second" and "." in number else (unit,)
    return _Part(units, float(number) * _UNITS[unit][0])
