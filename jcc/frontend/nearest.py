"""The known name that a misspelt one most likely means. Serves the parser, the checks and the code blocks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LONGEST: Final = 60  # characters; nobody mistypes a longer name so that it could be told


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name closest to `word`, None if none is close. Of equally close ones the first by the alphabet."""
    if len(word) > _LONGEST:
        return None
    folded = word.casefold()
    best: tuple[int, str] | None = None
    limit = 1 if len(word) < 4 else 2 if len(word) < 8 else 3
    letters = _letters(word)
    for name in known:
        if name == word or abs(len(name) - len(word)) > limit:
            continue
        # Each letter that only one of them has takes a change of its own: most names are told apart by that alone.
        others = _letters(name)
        if max((letters & ~others).bit_count(), (others & ~letters).bit_count()) > limit:
            continue
        distance = _distance(folded, name.casefold(), limit)
        if distance <= limit and distance < max(len(word), len(name)):
            best = min(best or (distance, name), (distance, name))
    return best[1] if best else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The help line that names the nearest known name."""
    found = nearest(word, known)
    return None if found is None else f"did you mean `{found}`?"


def known_names(names: Iterable[str], most: int = 8) -> str:
    """A help's list of names: `a`, `b`, …"""
    names = sorted(names)
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return f"{shown}, …" if len(names) > most else shown


@lru_cache(maxsize=1 << 16)
def _letters(name: str) -> int:
    """The letters of a name as a set of bits; some letters share one."""
    found = 0
    for letter in name.casefold():
        found |= 1 << ord(letter) % 61
    return found


def _distance(left: str, right: str, limit: int) -> int:
    """How many letters must be put in, taken out, changed, or swapped with their neighbour; past `limit` any more."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            swapped = i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other
            row.append(min(cost, earlier[j - 2] + 1) if swapped else cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
