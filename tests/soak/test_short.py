"""The soak programs, each for some seconds: the same promises, without the figures that only a quiet machine can give."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from jobcenter.client import Client
from jobcenter.database import Connection
from tests.database import fresh_database
from tests.soak import (
    backlog,
    broken_networks,
    clocks,
    crossings,
    deadlocks,
    full_disk,
    kills,
    late_answers,
    lost_commits,
    notifications,
    poison,
    postgres_stops,
    races,
    restarts,
    tangle,
)
from tests.soak._accounts import deploy_all
from tests.soak._roll_call import hanging
from tests.soak._town import Outcome, own_server, town

SOME_TIME = 60.0  # seconds, on a machine that has other things to do


@pytest.fixture
def another(server: str, template: str) -> Iterator[str]:
    with fresh_database(server, template) as dsn:
        yield dsn


def holds(outcome: Outcome) -> None:
    print(outcome.line())
    assert outcome.broken == []


def test_those_that_hang_are_missed(database: str, connection: Connection) -> None:
    deploy_all(connection)
    with town(database) as place, Client(database) as client:
        processes = [place.worker(), place.maestro()]
        client.create_job("calltest", {"input": 1}).result(SOME_TIME)
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        assert hanging(place, 0.5) == processes
        for process in processes:
            process.send_signal(signal.SIGCONT)
        assert hanging(place) == []


def test_kills(database: str) -> None:
    holds(kills.run(database, jobs=200, kills=8))


def test_postgres_stops() -> None:
    with own_server(fsync="off") as server:
        holds(postgres_stops.run(server, jobs=60, stops=4, absence=0, soon=SOME_TIME))


def test_lost_commits(database: str) -> None:
    holds(lost_commits.run(database, jobs=10, share=0.3, rounds=1))


def test_broken_networks(database: str) -> None:
    holds(broken_networks.run(database, jobs=30, part=0.03, rounds=2))


def test_restarts(database: str, another: str) -> None:
    holds(restarts.run(database, another, seeds=25))


def test_late_answers(database: str) -> None:
    holds(late_answers.run(database, rounds=1, size=6))


def test_notifications(database: str) -> None:
    holds(notifications.run(database, jobs=6, seconds=0, soon=SOME_TIME))


def test_poison(database: str) -> None:
    holds(poison.run(database, batches=1, poisons=1))


def test_backlog(database: str, another: str) -> None:
    holds(backlog.run(database, another, ready=5000, others=500, samples=0, seconds=0))


def test_races(database: str) -> None:
    holds(races.run(database, races=1000))


def test_deadlocks(database: str) -> None:
    holds(deadlocks.run(database, jobs=60, at_once=SOME_TIME))


def test_crossings(database: str) -> None:
    holds(crossings.run(database, jobs=64, rounds=3))


def test_tangle(database: str) -> None:
    holds(tangle.run(database, seconds=3, crowd=30))


def test_full_disk(database: str) -> None:
    holds(full_disk.run(database, full_disk.PretendedDisk(database), jobs=40, rounds=2, during=0.5))


def test_clocks(database: str) -> None:
    holds(clocks.run(database, jobs=20, within=SOME_TIME))
