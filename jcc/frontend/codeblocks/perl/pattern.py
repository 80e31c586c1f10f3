"""Patterns: the few escapes in which Perl's dialect differs from the runtime's (the package `regex`), and a check that a
pattern can be read at all. What a pattern takes from variables is not seen here: the runtime judges it."""

from __future__ import annotations

import re
import warnings
from math import prod

_ESCAPE = re.compile(
    r"\\(?:x\{\s*(?P<code>[0-9A-Fa-f]{1,6})\s*\}|g\{?(?P<group>\d+)\}?|k[<{'](?P<name>\w+)[>}']|(?P<other>.))",
    re.DOTALL,
)
_REWRITTEN = {
    "Z": r"(?=\n?\z)",
    "e": r"\x1b",
    "N": r"[^\n]",
    "H": r"[^ \t]",
    "V": r"[^\n\r\f\x0b]",
    "v": r"[\n\r\f\x0b]",
}
_COUNTS = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_OUTSIDE = re.compile(r"\(\?(?:\?|\{|R\)|\d|&|P>|\()|\(\*")
_CAPTURE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(\((?!\?)|\(\?P?<(?![=!]))", re.DOTALL)
# Reading a pattern takes memory in proportion to its counts: the runtime has the same bounds.
_LONGEST = 1_000
_REPEATS = 10_000


def converted(pattern: str) -> str:
    """A Perl pattern (or a part of one) in the runtime's dialect."""
    return _ESCAPE.sub(_escape, pattern)


def _escape(found: re.Match[str]) -> str:
    if (number := found.group("code")) is not None:
        return f"\\U{min(int(number, 16), 0x10FFFF):08X}"
    if (group := found.group("group")) is not None:
        return f"(?:\\{group})"
    if (name := found.group("name")) is not None:
        return f"(?P={name})"
    return _REWRITTEN.get(found.group("other"), found.group())


def has_groups(pattern: str) -> bool:
    """Does the pattern capture anything?"""
    return any(found.group(1) for found in _CAPTURE.finditer(pattern))


def problem_of(pattern: str, flags: str) -> str | None:
    """Why a whole pattern (converted) cannot be used; None if it can."""
    if _OUTSIDE.search(pattern):
        return "it has code, recursion or conditions"
    if len(pattern) > _LONGEST:
        return f"it has more than {_LONGEST:,} characters"
    counts = [int(n[:9]) for pair in _COUNTS.findall(pattern) for n in pair if n.strip("0")]
    if prod(counts[:50]) > _REPEATS:
        return "its counts are too large"
    # Kept out of the path of blocks without patterns: it takes time to load.
    import regex

    bits = 0
    for flag in flags:
        bits |= {"i": regex.I, "m": regex.M, "s": regex.S, "x": regex.X}.get(flag, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            regex.compile(pattern, bits)
        except regex.error as error:
            return str(error.msg)
        except (RecursionError, OverflowError, ValueError, MemoryError) as error:
            return str(error) or "it is too large"
    return None
