"""Random workflows give the same in the Maestro as in the simulator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings

from jobcenter.engine.simulator import Simulator
from tests.database import fresh_database
from tests.runtime.maestro.conftest import Scene, running, working
from tests.runtime.random_workflows import BODIES, Statement, adder, definitions
from tests.runtime.workflows import ADD


@pytest.fixture(scope="module")
def shared(server: str, template: str) -> Iterator[Scene]:
    """One database for all examples, two Maestros and a worker."""
    with (
        fresh_database(server, template) as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        scene = Scene(connection)
        scene.deploy(ADD)
        with running(dsn, executors=2, batch=2), running(dsn), working(dsn, add=adder):
            yield scene


def told(value: Any) -> Any:
    """Without what differs from run to run: the numbers of jobs and events, and times."""
    match value:
        case dict():
            return {
                key: told(item)
                for key, item in value.items()
                if key not in ("job", "event_id", "when")
            }
        case list():
            return [told(item) for item in value]
        case _:
            return value


NAMES = (f"random_{number}" for number in itertools.count())


@settings(max_examples=60)
@given(body=BODIES)
def test_the_same_end_as_in_the_simulator(shared: Scene, body: list[Statement]) -> None:
    name = next(NAMES)
    simulated = Simulator(definitions(body), {"add": adder}).run("random", {"own": name})
    random, *others = definitions(body)
    assert random.program is not None
    shared.deploy(*others, replace(random, name=name, program=replace(random.program, name=name)))
    job = shared.create(name, own=name)
    assert told(shared.result(job)) == told(simulated.out)
    steps = [
        {
            key: value
            for key, value in zip(("task", "vars", "in", "out", "error"), row, strict=True)
            if value is not None
        }
        for row in shared.log(job)
    ]
    assert told(steps) == told(simulated.log)
