"""The clock of workflows follows the database's."""

from __future__ import annotations

import pytest

from jobcenter.sandbox import clock

HOUR = 3600.0


@pytest.fixture(autouse=True)
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's stands at 1000 s after 1970, and has followed nobody."""
    monkeypatch.setattr(clock, "_lead", None)
    monkeypatch.setattr("jobcenter.sandbox.clock.time.time", lambda: 1000.0)


def said(*database_times: float) -> float:
    for database_time in database_times:
        clock.follow(database_time)
    return clock.now().timestamp()


def test_without_a_database() -> None:
    assert said() == 1000.0


@pytest.mark.parametrize("lead", [HOUR, -HOUR, 0.25])
def test_it_is_the_databases_time(lead: float) -> None:
    assert said(1000.0 + lead) == 1000.0 + lead


def test_a_message_that_was_under_way_for_longer_takes_no_time_back() -> None:
    assert said(5000.0, 4999.5, 4999.9) == 5000.0
    assert said(5000.1) == 5000.1


def test_a_clock_that_was_set() -> None:
    assert said(5000.0, 4000.0) == 4000.0
