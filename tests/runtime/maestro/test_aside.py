"""Jobs with values so large that a batch's other jobs would wait for them: a lane of its own takes them, one by one."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Sequence
from typing import ClassVar

import pytest
from psycopg.types.json import Jsonb

from jobcenter.artifact import Kind
from jobcenter.engine import Results, split_batch
from jobcenter.executor import InlineExecutor
from tests.runtime.maestro.conftest import Scene, running, working
from tests.runtime.workflows import Flow, action, counting


def large(size: int) -> str:
    """A text that nobody can compress."""
    return random.Random(size).randbytes(size // 2).hex()


class Watched(InlineExecutor):
    """Notes how many jobs its batches have; a batch with a job of the workflow `held` is run when it is let go."""

    batches: ClassVar[list[int]]
    held = '"held":'
    let_go: ClassVar[threading.Event]

    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        self.batches.append(len(split_batch(batch)))
        if self.held in batch:
            while not self.let_go.is_set():
                await asyncio.sleep(0.01)
        return await super().run(batch, workflows, time)


@pytest.fixture
def watched() -> type[Watched]:
    """Of one test."""

    class Mine(Watched):
        batches: ClassVar[list[int]] = []
        let_go: ClassVar[threading.Event] = threading.Event()

    return Mine


def test_the_neighbours_of_a_large_job_do_not_wait_for_it(
    scene: Scene, database: str, watched: type[Watched]
) -> None:
    scene.deploy(counting())
    scene.connection.execute("begin")
    jobs = [scene.create("counting", **args) for args in ({"held": large(300_000)}, {}, {})]
    scene.connection.execute("commit")
    with running(database, watched):
        try:
            assert [scene.result(job) for job in jobs[1:]] == [{"n": 10}] * 2
            assert scene.run("counting") == {"n": 10}
            assert scene.state(jobs[0]) == "done"
        finally:
            watched.let_go.set()
        assert scene.result(jobs[0]) == {"n": 10}


def test_a_job_whose_answers_are_large_goes_on_after_each(scene: Scene, database: str) -> None:
    flow = Flow("fetches")
    for name in ("first", "second"):
        flow.task(
            Kind.CALL, callee="fetch", in_="op_put(i, op_get(v, 'first'), 'before')",
            out=f"op_put(v, op_get(o, 'text'), '{name}')",
        )  # fmt: skip
    flow.task(Kind.RAISE_EVENT, in_="op_put(i, {'a': 1}, 'event')")
    scene.deploy(action("fetch"), flow.definition(end="op_copy_all(v, o)"))
    text = large(300_000)
    with (
        working(database, fetch=lambda inputs: {"text": text}),
        running(database, executors=2),
        running(database),
    ):
        jobs = [scene.create("fetches") for _ in range(3)]
        for job in jobs:
            assert scene.result(job) == {"first": text, "second": text}


def test_a_large_job_that_cannot_be_stored_gets_the_error(scene: Scene, database: str) -> None:
    scene.deploy(counting())
    scene.connection.execute(
        "alter table jobcenter.jobs add check (state <> 'finished' or pg_column_size(arguments) < 10000)"
    )
    with running(database):
        job = scene.create("counting", a=large(300_000))
        assert "the database refused" in scene.result(job)["error"]["msg"]
        assert scene.run("counting") == {"n": 10}


def test_a_batch_of_many_that_are_rather_large_is_smaller(
    scene: Scene, database: str, watched: type[Watched]
) -> None:
    scene.deploy(counting())
    text = large(100_000)
    scene.all("select jobcenter.create_jobs('counting', %s::jsonb)", Jsonb([{"text": text}] * 150))
    with running(database, watched, batch=50):
        (last,) = scene.one("select max(job_id) from jobcenter.jobs")
        assert scene.result(last) == {"n": 10}
    assert watched.batches[:3] == [50, 40, 40]


def test_a_maestro_tells_how_many_batches_it_runs_at_once(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The lane for large jobs is none of them."""
    with caplog.at_level(logging.INFO, "jobcenter.maestro"), running(database, executors=2):
        pass
    (begun,) = [each for each in caplog.records if each.getMessage() == "a Maestro begins"]
    assert vars(begun)["executors"] == 2
