"""Perl's patterns at work: captures, `s///`, `split`, `tr///`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from jobcenter.artifact import Json
from jobcenter.sandbox import patterns
from jobcenter.sandbox.limits import charge, charge_text
from jobcenter.sandbox.values import text, whole


def _remember(captures: dict[str, Json], found: patterns.Match) -> None:
    """`$&` and `$1`, `$2`, … of the last match that succeeded."""
    captures.clear()
    captures.update((str(place), group) for place, group in enumerate(found.groups))


def pl_match(captures: dict[str, Json], subject: Json, pattern: Json, flags: str) -> bool:
    """`=~`; what it captures goes into `captures`."""
    found = patterns.search(subject, text(pattern), flags)
    if found is not None:
        _remember(captures, found)
    return found is not None


def pl_match_all(captures: dict[str, Json], subject: Json, pattern: Json, flags: str) -> list[Json]:
    """A match in list context: the groups of the first place; with the flag `g`, of all places, or those themselves."""
    every = "g" in flags
    made: list[Json] = []
    for found in _places(subject, text(pattern), flags.replace("g", ""), every):
        _remember(captures, found)
        groups = found.groups[1:]
        charge(1 + len(groups))
        made.extend(groups or (found.groups[:1] if every else (True,)))
    return made


def _places(subject: Json, pattern: str, flags: str, every: bool) -> Iterator[patterns.Match]:
    """The places where a pattern fits, one after the other: only the first unless `every`."""
    string, start = text(subject), 0
    while start <= len(string):
        found = patterns.search(string, pattern, flags, start)
        if found is None:
            return
        yield found
        if not every:
            return
        # An empty fit must not be found again.
        start = found.end + (found.end == found.start)


def pl_match_next(
    captures: dict[str, Json],
    positions: dict[str, Json],
    key: str,
    subject: Json,
    pattern: Json,
    flags: str,
) -> bool:
    """The next place after that which the same loop (`key`) found last in the same text."""
    string, start = text(subject), 0
    before = positions.get(key)
    if isinstance(before, list) and before[0] == string:
        start = whole(before[1])
    found = None
    if start <= len(string):
        found = patterns.search(string, text(pattern), flags, start)
    if found is None:
        positions.pop(key, None)
        return False
    _remember(captures, found)
    positions[key] = [string, found.end + (found.end == found.start)]
    return True


def pl_substitute(
    captures: dict[str, Json],
    subject: Json,
    pattern: Json,
    replacement: Callable[[], Json],
    flags: str,
) -> list[Json]:
    """`s///`: the changed text, and how often it was changed."""
    string, made, end, count, length = text(subject), [], 0, 0, 0
    for found in _places(string, text(pattern), flags.replace("g", ""), "g" in flags):
        _remember(captures, found)
        piece = string[end : found.start] + text(replacement())
        end = found.end
        count += 1
        length += len(piece)
        charge(1)
        charge_text(length)
        made.append(piece)
    return ["".join((*made, string[end:])), count]


def pl_split(pattern: Json, flags: str, subject: Json, limit: Json) -> list[Json]:
    """`split`; without a pattern (`' '`), at runs of blanks."""
    string, most = text(subject), whole(limit)
    if pattern is None:
        string, pattern = string.lstrip(), r"\s+"
    expression = text(pattern)
    if expression == "^":
        flags += "m"
    fields: list[Json] = []
    end = 0
    for count, found in enumerate(_separators(string, expression, flags) if string else ()):
        if 0 < most <= count + 1:
            break
        fields.append(string[end : found.start])
        fields.extend(found.groups[1:])
        charge(1 + len(found.groups))
        end = found.end
    if string:
        fields.append(string[end:])
    while most == 0 and fields and fields[-1] in ("", None):
        fields.pop()
    return fields


def _separators(string: str, pattern: str, flags: str) -> Iterator[patterns.Match]:
    """Where a text is split: an empty separator does not stand at the start."""
    start = end = 0
    while start <= len(string):
        found = patterns.search(string, pattern, flags, start)
        if found is None:
            return
        if found.end > found.start:
            start = end = found.end
            yield found
        elif end < found.start:
            start = end = found.start
            yield found
        else:
            start = found.start + 1


def pl_transliterate(subject: Json, search: str, replacement: str, flags: str) -> list[Json]:
    """`tr///`: the changed text, and how many characters were found."""
    string = text(subject)
    charge_text(len(string))
    charge(len(string) >> 3)
    delete, squeeze = "d" in flags, "s" in flags
    table = _table(search, replacement, delete)
    rest = (replacement[-1:] or None) if "c" in flags else None
    made: list[str] = []
    count = 0
    before = ""
    for character in string:
        if (character in table) == ("c" in flags):
            made.append(character)
            before = ""
            continue
        count += 1
        new = ("" if delete else rest or character) if "c" in flags else table[character]
        if not (squeeze and new == before):
            made.append(new)
        before = new or before
    return ["".join(made), count]


def _table(search: str, replacement: str, delete: bool) -> dict[str, str]:
    """What each character becomes; of one that is written twice, the first counts."""
    last = "" if delete else (replacement or search)[-1:]
    targets = replacement if replacement or delete else search
    table: dict[str, str] = {}
    for place, character in enumerate(search):
        table.setdefault(character, targets[place] if place < len(targets) else last)
    return table


MATCHING: Final[dict[str, Callable[..., object]]] = {
    function.__name__: function
    for function in (
        pl_match,
        pl_match_all,
        pl_match_next,
        pl_substitute,
        pl_split,
        pl_transliterate,
    )
}
