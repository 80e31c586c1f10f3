"""Queries: what is computed again after a change, and what is not."""

from __future__ import annotations

import pytest

from jcc.query import Cancelled, Database, QueryCycle, query


@query
def length(database: Database, name: str) -> int:
    text = database.read_input(("text", name), "")
    assert isinstance(text, str)
    return len(text)


@query
def total(database: Database, *names: str) -> int:
    return sum(length(database, name) for name in names)


@query
def first_of(database: Database, left: str, right: str) -> int:
    return length(database, left) or length(database, right)


@query
def ring(database: Database, at: int) -> int:
    return ring(database, (at + 1) % 3)


def test_an_answer_is_kept_until_what_it_used_changes() -> None:
    database = Database()
    database.set_input(("text", "a"), "one")
    database.set_input(("text", "b"), "three")
    assert total(database, "a", "b") == 8
    before = database.computed
    assert total(database, "a", "b") == 8
    database.set_input(("text", "c"), "unrelated")
    assert total(database, "a", "b") == 8
    assert database.computed == before
    database.set_input(("text", "a"), "twelve")
    assert total(database, "a", "b") == 11
    assert database.computed == before + 2


def test_an_equal_answer_is_no_change_for_those_who_asked() -> None:
    database = Database()
    database.set_input(("text", "a"), "one")
    total(database, "a")
    before = database.computed
    database.set_input(("text", "a"), "two")
    assert total(database, "a") == 3
    assert database.computed == before + 1  # length ran, total did not


def test_only_what_was_used_counts() -> None:
    database = Database()
    database.set_input(("text", "a"), "one")
    assert first_of(database, "a", "b") == 3
    before = database.computed
    database.set_input(("text", "b"), "new")
    assert first_of(database, "a", "b") == 3
    assert database.computed == before
    database.set_input(("text", "a"), "")
    assert first_of(database, "a", "b") == 3
    database.set_input(("text", "b"), "newer")
    assert first_of(database, "a", "b") == 5


def test_an_input_that_was_missing_counts_when_it_comes() -> None:
    database = Database()
    assert length(database, "late") == 0
    database.set_input(("text", "late"), "here")
    assert length(database, "late") == 4


def test_a_ring_is_told() -> None:
    with pytest.raises(QueryCycle):
        ring(Database(), 0)


def test_a_cancelled_query_leaves_the_database_whole() -> None:
    database = Database(cancelled=lambda: True)
    database.set_input(("text", "a"), "one")
    with pytest.raises(Cancelled):
        length(database, "a")
    database.cancelled = bool
    assert length(database, "a") == 3


def test_a_value_that_was_let_go_is_computed_again_for_who_asks() -> None:
    database = Database()
    database.keep("length", 1)
    for name in "ab":
        database.set_input(("text", name), name)
    assert total(database, "a", "b") == 2
    before = database.computed
    assert total(database, "a", "b") == 2
    assert length(database, "b") == 1
    assert database.computed == before
    assert length(database, "a") == 1
    assert database.computed == before + 1
    database.set_input(("text", "b"), "longer")
    assert total(database, "a", "b") == 7
