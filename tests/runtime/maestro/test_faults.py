"""Maestros, executors, connections and Postgres itself are killed while jobs run: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobcenter import embedded, migrate
from jobcenter.artifact import Definition, Input, Kind
from jobcenter.executor import ProcessExecutor
from tests.runtime.maestro.conftest import Scene, running, working
from tests.runtime.workflows import ADD, Flow, calltest, counting

JOBS = 60  # of each workflow


def adder(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"counter": inputs["counter"] + inputs["step"]}


def family() -> list[Definition]:
    """A map of children, each of which sleeps a moment and calls add."""
    child = Flow("child")
    child.task(Kind.SLEEP, value="0.01")
    child.task(
        Kind.CALL, callee="add", in_="op_put(i, op_get(a, 'n'), 'counter')",
        out="op_put(v, op_get(o, 'counter'), 'n')",
    )  # fmt: skip
    flow = Flow("family")
    flow.lock("zone", "'shared'")
    each = flow.branch(
        "child", each=True, value="fn_range(0, 3)", in_="op_put(i, op_get(e, '_v'), 'n')",
        out="op_put(v, op_append(op_get(v, 'all'), op_get(o, 'n')), 'all')",
    )  # fmt: skip
    flow.task(Kind.SPLIT, branches=[each])
    return [
        child.definition([Input("n", "number")], end="op_put(o, op_get(v, 'n'), 'n')"),
        flow.definition(end="op_put(o, op_get(v, 'all'), 'all')"),
    ]


@dataclass(frozen=True, slots=True)
class Load:
    """Jobs under way, and what is to come of them."""

    scene: Scene
    expected: dict[int, Any]

    @classmethod
    def begin(cls, scene: Scene) -> Load:
        scene.deploy(ADD, calltest(), counting(turns=40), *family())
        expected: dict[int, Any] = {}
        for number in range(JOBS):
            expected[scene.create("calltest", input=number)] = {"output": number + 3}
            expected[scene.create("counting")] = {"n": 40}
            if number % 6 == 0:
                expected[scene.create("family")] = {"all": [1, 2, 3]}
        return cls(scene, expected)

    def check(self) -> None:
        """All have ended as they should, and each step is recorded once."""
        assert {job: self.scene.result(job) for job in self.expected} == self.expected
        assert self.scene.all("select job_id from jobcenter.jobs where state <> 'finished'") == []
        wrong = self.scene.all(
            "select j.job_id from jobcenter.jobs j left join lateral (select count(*) as steps,"
            " count(distinct (l.job_log_id, l.step)) as entries from jobcenter.job_task_log l"
            " where l.job_id = j.job_id) l on true where j.stepcounter <> l.steps or l.steps <> l.entries"
        )
        assert wrong == []
        for job in self.scene.all(
            "select job_id from jobcenter.jobs join jobcenter.actions a"
            " on a.action_id = workflow_id where a.name = 'calltest'"
        ):
            assert [entry[0] for entry in self.scene.log(job[0])] == [1, 2, 3]


def start_maestro(dsn: str) -> subprocess.Popen[bytes]:
    code = "import asyncio, sys; from jobcenter.maestro import serve; asyncio.run(serve(sys.argv[1], executors=1))"
    return subprocess.Popen([sys.executable, "-c", code, dsn], stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def maestros(dsn: str, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [start_maestro(dsn) for _ in range(number)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


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
                    child.process.send_signal(signal.SIGKILL)
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
        "select jobcenter.insert_jobs(a, session_user, '[{}]', null, null) from jobcenter.actions a where a.name = 'counting'"
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
    """Something that only the database finds: here, a lock's value that is too long for the index."""
    flow = Flow("long")
    flow.task(Kind.LOCK, lock_type="zone", value="fn_join(fn_range(1, 20000), 'x')")
    scene.deploy(flow.definition(), counting())
    jobs = [scene.create("counting"), scene.create("long"), scene.create("counting")]
    results = [scene.result(job) for job in jobs]
    assert results[0] == results[2] == {"n": 10}
    assert results[1]["error"]["class"] == "fatal"
    assert "the database refused" in results[1]["error"]["msg"]


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
