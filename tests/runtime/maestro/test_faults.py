"""Maestros, executors, connections and Postgres itself are killed while jobs run: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from jobcenter import embedded, migrate
from jobcenter.artifact import Kind
from jobcenter.engine import OUTSIDE, Results, run_batch
from jobcenter.executor import InlineExecutor, ProcessExecutor
from tests.runtime.maestro.conftest import PATIENCE, Scene, running, working
from tests.runtime.maestro.load import Load, adder, family, maestros, start_maestro
from tests.runtime.workflows import ADD, Flow, counting


def test_maestros_are_killed_at_random(scene: Scene, database: str) -> None:
    load = Load.begin(scene)
    chance = random.Random(7)
    kills = 0
    with working(database, add=adder), maestros(database, 2) as herd:
        while kills < 12:
            time.sleep(chance.uniform(0.1, 0.6))
            victim = chance.randrange(2)
            herd[victim].kill()
            herd[victim].wait()
            herd[victim] = start_maestro(database)
            kills += 1
        load.check()


def test_a_maestro_that_comes_before_the_schema_says_what_to_do_and_goes_on_then(
    empty_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running(empty_database):
        end = time.monotonic() + PATIENCE
        while caplog.text.count("run `jobcenter db upgrade`") < 3:
            assert time.monotonic() < end, caplog.text
            time.sleep(0.02)
        with psycopg.connect(empty_database, autocommit=True) as connection:
            migrate.upgrade(connection)
            scene = Scene(connection)
            flow = Flow("nothing")
            flow.task(Kind.NO_OP)
            scene.deploy(flow.definition([]))
            assert scene.run("nothing") == {}
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert all("\n" not in line for line in warnings)


def test_executors_are_killed_at_random(scene: Scene, database: str) -> None:
    executors: list[ProcessExecutor] = []

    def make() -> ProcessExecutor:
        executors.append(ProcessExecutor())
        return executors[-1]

    load = Load.begin(scene)
    chance = random.Random(11)
    kills = 0
    with working(database, add=adder), running(database, make, batch=20):
        while kills < 15:
            time.sleep(chance.uniform(0.01, 0.4))
            child = executors[0]._child if executors else None
            if child is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.transport.send_signal(signal.SIGKILL)
                kills += 1
        load.check()


def test_connections_are_ended_at_random(scene: Scene, database: str) -> None:
    load = Load.begin(scene)
    ended = 0
    with working(database, add=adder), running(database, ProcessExecutor, executors=2, batch=10):
        for _ in range(60):
            time.sleep(0.02)
            ended += scene.one(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where application_name = 'jobcenter maestro' and datname = current_database()"
            )[0]
        load.check()
    assert ended > 10


@pytest.fixture
def own_server() -> Iterator[Path]:
    """The data folder of a server that the test may stop."""
    with tempfile.TemporaryDirectory(prefix="jobcenter-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "postgres"
        embedded.attach(data)
        yield data
        embedded.stop(data, "immediate")
        embedded.detach(data)
        shutil.rmtree(data, ignore_errors=True)


def test_postgres_is_stopped_at_once_and_comes_back(own_server: Path) -> None:
    dsn = embedded.dsn(own_server)
    with psycopg.connect(dsn, autocommit=True) as connection:
        migrate.upgrade(connection)
        expected = Load.begin(Scene(connection)).expected
    with working(dsn, add=adder), running(dsn, ProcessExecutor):
        for _ in range(4):
            time.sleep(0.3)
            embedded.stop(own_server, "immediate")
            embedded.attach(own_server)
        with psycopg.connect(dsn, autocommit=True) as connection:
            Load(Scene(connection), expected).check()


@pytest.mark.usefixtures("maestro")
def test_a_job_whose_notification_was_lost_is_found_by_looking(scene: Scene) -> None:
    scene.deploy(counting())
    scene.run("counting")
    ids = scene.one(
        "select jobcenter.insert_jobs(a, session_user, '[{}]', null, null, null) from jobcenter.actions a where a.name = 'counting'"
    )[0]
    assert scene.result(ids[0]) == {"n": 10}


def test_sigterm_ends_a_maestro_in_order(scene: Scene, database: str) -> None:
    scene.deploy(counting())
    process = start_maestro(database)
    try:
        scene.run("counting")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()


@pytest.mark.usefixtures("maestro")
def test_a_job_whose_effects_fail_does_not_hold_up_the_others(scene: Scene) -> None:
    """Something that only the database finds."""
    flow = Flow("refused")
    flow.task(Kind.LOCK, lock_type="zone", value="'poison'")
    scene.deploy(flow.definition(), counting())
    scene.connection.execute("alter table jobcenter.locks add check (lockvalue <> 'poison')")
    jobs = [scene.create("counting"), scene.create("refused"), scene.create("counting")]
    results = [scene.result(job) for job in jobs]
    assert results[0] == results[2] == {"n": 10}
    assert results[1]["error"]["class"] == "fatal"
    assert "the database refused" in results[1]["error"]["msg"]


class Impatient(InlineExecutor):
    """Thinks at each look that it is enough."""

    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        return [
            run_batch(self._programs, batch, progress=[0, OUTSIDE], enough=lambda: True, tally=True)
        ]


def test_a_job_of_very_many_steps_is_stored_now_and_then(scene: Scene, database: str) -> None:
    """Its neighbours do not wait for its end, and a transaction that takes too long would be undone."""
    scene.deploy(counting(turns=10))
    with running(database, executor=Impatient):
        job = scene.create("counting")
        assert scene.result(job) == {"n": 10}
    (runs, steps) = scene.one(
        "select count(distinct job_log_id), count(*) from jobcenter.job_task_log where job_id = %s",
        job,
    )
    # The start is told with the step after it.
    assert (runs, steps) == (22, 23)


@pytest.mark.usefixtures("maestro")
def test_a_job_that_python_cannot_read_does_not_hold_up_the_others(scene: Scene) -> None:
    scene.deploy(counting())
    for arguments in (
        '{"x": 1' + "0" * 10_000 + "}",
        '{"x": 1e400}',
        '{"x":' + "[" * 2000 + "]" * 2000 + "}",
    ):
        (odd,) = scene.one(
            "select o_job_id from jobcenter.create_job('counting', %s::jsonb)", arguments
        )
        assert scene.result(scene.create("counting")) == {"n": 10}
        scene.until_state(odd, "error", "finished")


def test_two_maestros_race_for_the_last_child(scene: Scene, database: str) -> None:
    scene.deploy(ADD, *family())
    with (
        working(database, add=adder),
        running(database, batch=1, executors=2),
        running(database, batch=1),
    ):
        jobs = [scene.create("family") for _ in range(20)]
        assert [scene.result(job) for job in jobs] == [{"all": [1, 2, 3]}] * 20


def test_an_endless_wait_is_none(scene: Scene, database: str) -> None:
    """A Maestro that is told to stop while it waits stops at once."""

    async def perform() -> None:
        from jobcenter.maestro import Maestro

        maestro = Maestro(database)
        running = asyncio.create_task(maestro.run())
        await asyncio.sleep(0.3)
        maestro.stop()
        await asyncio.wait_for(running, 3)

    asyncio.run(perform())
