"""Regular expressions that cannot run away.

They are the `regex` package's, because it can be given a time to stop at, which `re` cannot. What of its dialect
has no bound (fuzzy matching, recursion, full case-folding) is refused, and so are counts whose product is large: they
cost memory, for which there is no time limit.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from time import perf_counter
from typing import Final, NamedTuple

import regex

from jobcenter.artifact import Json
from jobcenter.sandbox.errors import normal_error, sandbox_error
from jobcenter.sandbox.limits import PATTERN, REPEATS, SUBJECT, budget, charge
from jobcenter.sandbox.values import text

_FLAGS: Final = {"i": regex.I, "m": regex.M, "s": regex.S, "x": regex.X}
_INLINE_FLAGS: Final = frozenset("imsau-")
_TOKEN: Final = re.compile(
    r"""
      (?P<comment> \(\?\# [^)]* \) )
    | (?P<class> \[ \^? \]? (?: \\. | \[:\^?\w+:\] | [^\]\\] )* \] )
    | (?P<forbidden> \\L | \(\*  | \(\? (?: R | [-+]?[0-9] | & | P> ) )
    | (?P<end> \\Z )
    | (?P<hexadecimal> \\x \{ ([0-9a-fA-F]{1,6}) \} )
    | (?P<backreference> \\k [<{'] (\w+) [>}'] )
    | (?P<escape> \\ (?: [pPN] \{ [^{}]* \} | . ) )
    | (?P<flags> \(\? ([a-zA-Z0-9-]*) [:)] )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<count> \{ (?: ([0-9]+) (?: ,([0-9]*) )? | ,([0-9]+) ) \} )
    | (?P<brace> [{}] )
    | (?P<repeat> [*+?] )
    | (?P<other> . )
    """,
    re.X | re.S,
)


class Match(NamedTuple):
    """Where a pattern fits, and its groups: group 0 is the whole; None for one that took no part."""

    start: int
    end: int
    groups: tuple[str | None, ...]


def fits(subject: Json, pattern: str, flags: str) -> bool:
    """Does the pattern fit anywhere? Raises JclError as `search` does."""
    return _found(subject, pattern, flags, 0) is not None


def search(subject: Json, pattern: str, flags: str, start: int = 0) -> Match | None:
    """The first place from `start` where the pattern fits. `flags` are of `imsx`. Raises JclError for a pattern that
    cannot be read, one that may not be used, and for one that takes too long."""
    found = _found(subject, pattern, flags, start)
    if found is None:
        return None
    return Match(found.start(), found.end(), (found.group(), *found.groups()))


def _found(subject: Json, pattern: str, flags: str, start: int) -> regex.Match[str] | None:
    compiled = _compiled(pattern, flags)
    string = text(subject)
    if len(string) > SUBJECT:
        raise sandbox_error(f"a regular expression on more than {SUBJECT:,} characters")
    charge(1 + (len(string) >> 8))
    began = perf_counter()
    try:
        return compiled.search(string, start, timeout=max(budget.regex_seconds, 0.001))
    except TimeoutError:
        raise sandbox_error(f"the regular expression /{_short(pattern)}/ takes too long") from None
    except MemoryError:
        raise sandbox_error(f"the regular expression /{_short(pattern)}/ needs too much") from None
    finally:
        budget.regex_seconds -= perf_counter() - began


@lru_cache(maxsize=1024)
def _compiled(pattern: str, flags: str) -> regex.Pattern[str]:
    unknown = set(flags) - set(_FLAGS)
    if unknown:
        raise normal_error(f"a regular expression has no flag `{min(unknown)}`")
    if len(pattern) > PATTERN:
        raise sandbox_error(f"a regular expression of more than {PATTERN:,} characters")
    charge(len(pattern) * 8)
    bits = regex.V0
    for flag in flags:
        bits |= _FLAGS[flag]
    checked = _checked(pattern, "x" in flags)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of `[[`, which is fine in Perl
        try:
            return regex.compile(checked, bits)
        except (regex.error, RecursionError, OverflowError, ValueError) as error:
            raise normal_error(
                f"the regular expression /{_short(pattern)}/ cannot be read: {error}"
            ) from None


def _checked(pattern: str, verbose: bool) -> str:
    r"""The pattern in the dialect of `regex`: Perl's `\Z`, `\x{…}` and `\k<…>` in other words, and lone braces escaped,
    which would begin a fuzzy match. Raises JclError for what may not be used."""
    parts: list[str] = []
    counts = _Counts()
    for token in _TOKEN.finditer(_without_comments(pattern) if verbose else pattern):
        piece = token.group()
        inner = [group for group in token.groups()[token.lastindex or 0 :] if group]
        match token.lastgroup:
            case "forbidden":
                raise sandbox_error(f"`{piece}` may not be used in a regular expression")
            case "flags" if not _INLINE_FLAGS.issuperset(piece[2:-1]):
                raise sandbox_error(f"`{piece}` may not be used in a regular expression")
            case "end":
                piece = r"(?=\n?\z)"
            case "hexadecimal":
                piece = f"\\U{inner[0]:0>8}"
            case "backreference":
                piece = f"(?P={inner[0]})"
            case "brace":
                piece = "\\" + piece
            case _:
                pass
        counts.see(token.lastgroup or "", piece, inner)
        parts.append(piece)
    return "".join(parts)


class _Counts:
    """The products of the counts of a pattern, group by group."""

    def __init__(self) -> None:
        self.groups = [1]  # of each open group, the largest product in it
        self.latest = 1  # that of the item before this one

    def see(self, kind: str, piece: str, numbers: list[str]) -> None:
        """Raises JclError for a product that is too large."""
        match kind:
            case "open":
                self.groups.append(1)
            case "flags" if piece.endswith(":"):
                self.groups.append(1)
            case "close" if len(self.groups) > 1:
                self.latest = self.groups.pop()
                self._keep()
            case "count":
                self.latest *= max(1, *(int(number) for number in numbers))
                self._keep()
            case "repeat" | "comment":
                pass
            case _:
                self.latest = 1

    def _keep(self) -> None:
        self.groups[-1] = max(self.groups[-1], self.latest)
        if self.latest > REPEATS:
            raise sandbox_error(f"a regular expression that repeats more than {REPEATS:,} times")


def _without_comments(pattern: str) -> str:
    r"""A pattern with flag `x` without its `# …`: what is in them is not to be read as groups and counts."""
    return re.sub(
        r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|#[^\n]*",
        lambda found: found[1] or "",
        pattern,
        flags=re.S,
    )


def _short(pattern: str) -> str:
    return pattern if len(pattern) <= 40 else pattern[:40] + "…"
