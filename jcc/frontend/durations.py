"""Durations: a number of seconds, or a text that Postgres reads as an interval."""

from __future__ import annotations

import re

from jcc.frontend.conversion import is_numeric

_UNITS = (
    "microseconds?|milliseconds?|msecs?|ms|us|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w"
    "|months?|mons?|years?|yrs?|y|decades?|centur(?:y|ies)|millenni(?:um|a)"
)
_AMOUNT = rf"[-+]?(?:\d+(?:\.\d*)?|\.\d+)\s*(?:{_UNITS})"
_CLOCK = r"[-+]?\d+:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?"
_ISO = r"[-+]?P(?:\d+(?:\.\d+)?[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?"
_INTERVAL = re.compile(
    rf"\s*@?\s*(?:(?:{_AMOUNT}|{_CLOCK})[\s,]*(?:and\s+)?)+(?:ago)?\s*|\s*{_ISO}\s*", re.IGNORECASE
)


def is_duration(value: str | int | float | bool | None) -> bool:
    """Whether a constant can stand for a duration: no boolean, no null, nothing below 0."""
    match value:
        case bool() | None:
            return False
        case str():
            return is_numeric(value) or _INTERVAL.fullmatch(value) is not None
        case number:
            return number >= 0
