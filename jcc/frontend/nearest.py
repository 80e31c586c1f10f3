"""The known name that a misspelt one most likely means. Serves the parser, the checks and the code blocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Final

_LONGEST: Final = 60  # characters; nobody mistypes a longer name so that it could be told
_LETTERS: Final = 61  # that are told apart; some share one
_CANDIDATES: Final = 100  # names that a word is compared with letter by letter


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known name closest to `word`, None if none is close. Of equally close ones the first by the alphabet. Of very many that
    may be close, only the most likely are looked at."""
    if len(word) > _LONGEST:
        return None
    folded = word.casefold()
    limit = 1 if len(word) < 4 else 2 if len(word) < 8 else 3
    best: tuple[int, str] | None = None
    for least, name in _index(tuple(known)).candidates(word, limit):
        if best is not None and best[0] < least:
            break
        distance = _distance(folded, name.casefold(), limit)
        if name != word and distance <= limit and distance < max(len(word), len(name)):
            best = min(best or (distance, name), (distance, name))
    return best[1] if best else None


class _Index:
    """Names, to be found by their letters. A set of names is a number with a bit for each, so that all are compared at once."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(set(names))
        self._all = (1 << len(self._names)) - 1
        self._by_length: dict[int, int] = {}
        self._with = [0] * _LETTERS
        for number, name in enumerate(self._names):
            bit = 1 << number
            self._by_length[len(name)] = self._by_length.get(len(name), 0) | bit
            for letter in _letters(name):
                self._with[letter] |= bit

    def candidates(self, word: str, limit: int) -> Iterator[tuple[int, str]]:
        """The names that may be close, each with the least number of changes that it must be away: the closest first. Each letter
        that only one of two names has takes a change of its own: most names are told apart by that alone."""
        near = range(len(word) - limit, len(word) + limit + 1)
        fitting = 0
        for length in near:
            fitting |= self._by_length.get(length, 0)
        letters = _letters(word)
        lacking, having = [self._all] + [0] * (limit + 1), [self._all] + [0] * (limit + 1)
        for letter, names in enumerate(self._with):
            counts, others = (lacking, ~names) if letter in letters else (having, names)
            for count in range(limit, -1, -1):
                counts[count + 1] |= counts[count] & others
        left = _CANDIDATES
        for least in range(limit + 1):
            chosen = fitting & ~lacking[least + 1] & ~having[least + 1]
            fitting &= ~chosen
            while chosen and left:
                lowest = chosen & -chosen
                yield least, self._names[lowest.bit_length() - 1]
                chosen ^= lowest
                left -= 1


@lru_cache(maxsize=8)
def _index(names: tuple[str, ...]) -> _Index:
    return _Index(names)


def _letters(name: str) -> set[int]:
    return {ord(letter) % _LETTERS for letter in name.casefold()}


def did_you_mean(word: str, known: Collection[str]) -> str | None:
    """The help line that names the nearest known name."""
    found = nearest(word, known)
    return None if found is None else f"did you mean `{found}`?"


def known_names(names: Iterable[str], most: int = 8) -> str:
    """A help's list of names: `a`, `b`, …"""
    names = sorted(names)
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return f"{shown}, …" if len(names) > most else shown


def _distance(left: str, right: str, limit: int) -> int:
    """How many letters must be put in, taken out, changed, or swapped with their neighbour; past `limit` any more."""
    start, end = 0, 0
    shorter = min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    left, right = left[start : len(left) - end], right[start : len(right) - end]
    far = limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        earlier, before, row = before, row, [i] + [far] * len(right)
        # What is further from the diagonal takes more changes anyway.
        for j in range(max(i - limit, 1), min(i + limit, len(right)) + 1):
            other = right[j - 1]
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row[j] = cost
        if min(row) > limit:
            return far
    return row[-1]
