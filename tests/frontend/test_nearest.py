"""The nearest of the known names: the same as if each were compared letter by letter."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcc.frontend import nearest as module
from jcc.frontend.nearest import nearest

WORDS = st.text("abcAß1_", max_size=9)


def plain(word: str, known: list[str]) -> str | None:
    limit = 1 if len(word) < 4 else 2 if len(word) < 8 else 3
    found = [
        (distance(word.casefold(), name.casefold()), name)
        for name in known
        if name != word and abs(len(name) - len(word)) <= limit
    ]
    near = [
        (away, name) for away, name in found if away <= limit and away < max(len(word), len(name))
    ]
    return min(near)[1] if near else None


@cache
def distance(left: str, right: str) -> int:
    """Letters put in, taken out, changed, or swapped with their neighbour; by the definition."""
    if not left or not right:
        return len(left) + len(right)
    ways = [distance(left[1:], right) + 1, distance(left, right[1:]) + 1]
    ways.append(distance(left[1:], right[1:]) + (left[0] != right[0]))
    if left[:1] == right[1:2] and left[1:2] == right[:1]:
        ways.append(distance(left[2:], right[2:]) + 1)
    return min(ways)


@given(WORDS, st.lists(WORDS, max_size=8))
def test_the_nearest_is_found(word: str, known: list[str]) -> None:
    assert nearest(word, known) == plain(word, known)


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("pirce", ["price", "prize"], "price"),
        ("customer_nmae", ["customer_name", "customer_mail"], "customer_name"),
        ("price", ["price"], None),
        ("x", ["y"], None),
        ("zap", ["zip", "zaps"], "zaps"),
        ("A" * 61, ["a" * 60], None),
        ("Größe", ["Grösse"], "Grösse"),
        ("", ["a"], None),
    ],
)
def test_names(word: str, known: list[str], found: str | None) -> None:
    assert nearest(word, known) == found


def test_only_so_many_of_names_that_are_much_alike_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[str] = []
    real = module._distance

    def counted(left: str, right: str, limit: int) -> int:
        compared.append(right)
        return real(left, right, limit)

    monkeypatch.setattr(module, "_distance", counted)
    names = [f"step_{number:05}" for number in range(5000)]
    assert nearest("stop_01234", names) in names
    assert len(compared) <= 100
    compared.clear()
    choose = random.Random(1)
    scattered = ["".join(choose.choices("abcdefghijklmnopqrstuvwxyz", k=10)) for _ in range(5000)]
    assert nearest("not_in_them", scattered) is None
    assert len(compared) < 100
