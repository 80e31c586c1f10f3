"""A Maestro in a thread of its own over the test's database, and what a test needs to talk to it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from jobcenter.artifact import Definition
from jobcenter.database import Connection
from jobcenter.deploy import deploy
from jobcenter.executor import Executor, InlineExecutor
from jobcenter.maestro import Maestro
from jobcenter.step import step

PATIENCE = 15.0  # seconds; only a test that fails waits for so long

Action = Callable[[dict[str, Any]], Any]


class Scene:
    """A database, a Maestro, and a worker that does its tasks when it is told to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def deploy(self, *definitions: Definition) -> None:
        deploy(self.connection, definitions)

    def create(self, name: str, **args: Any) -> int:
        row = self.one("select o_job_id from jobcenter.create_job(%s, %s)", name, args)
        return int(row[0])

    def one(self, query: str, *params: Any) -> tuple[Any, ...]:
        rows = self.all(query, *params)
        assert len(rows) == 1, rows
        return rows[0]

    def all(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        adapted = [Jsonb(each) if isinstance(each, dict) else each for each in params]
        return self.connection.execute(query.encode(), adapted).fetchall()

    def until(self, condition: Callable[[], Any]) -> Any:
        """Waits until the condition is true; gives its value."""
        end = time.monotonic() + PATIENCE
        while not (value := condition()):
            assert time.monotonic() < end, self.all(
                "select job_id, state, task_id, in_args, out_args from jobcenter.jobs"
                " order by state in ('finished', 'error'), job_id limit 20"
            )
            time.sleep(0.005)
        return value

    def state(self, job: int) -> str:
        rows = self.all("select state from jobcenter.jobs where job_id = %s", job)
        return str(rows[0][0]) if rows else "not there"

    def until_state(self, job: int, *states: str) -> None:
        self.until(lambda: self.state(job) in states)

    def result(self, job: int) -> Any:
        """The output of a job, once it has ended."""
        query = "select jobcenter.get_job_status(%s)"
        return self.until(lambda: self.one(query, job)[0] is not None and self.one(query, job))[0]

    def run(self, name: str, **args: Any) -> Any:
        return self.result(self.create(name, **args))

    def log(self, job: int) -> list[tuple[Any, ...]]:
        """What the steps of a job were, in their order: task, variables, in, out, error."""
        return self.all(
            "select task_id, variables, task_inargs, task_outargs, task_error"
            " from jobcenter.job_task_log where job_id = %s order by job_log_id, step",
            job,
        )

    def take(self, action: str, worker: str = "worker") -> list[tuple[int, str, dict[str, Any]]]:
        """The tasks that are ready now: job, cookie, inputs."""
        self.all("select jobcenter.announce(%s, %s)", worker, action)
        rows = self.all("select * from jobcenter.get_tasks(%s, %s, 1000)", worker, action)
        return [(job, cookie, inputs) for job, cookie, inputs, _ in rows]

    def answer(self, cookie: str, out: dict[str, Any]) -> None:
        self.all("select jobcenter.task_done(%s, %s)", cookie, out)


class Others:
    """Transactions that are open for as long as a test wants, and questions whose answer may have to be waited for."""

    def __init__(self, dsn: str, pool: ThreadPoolExecutor) -> None:
        self._dsn = dsn
        self._pool = pool
        self._open: list[Connection] = []

    def begin(self, query: str, *params: Any) -> Connection:
        """A transaction that has done this."""
        other = psycopg.connect(self._dsn)
        self._open.append(other)
        other.execute(query.encode(), params)
        return other

    def hold(self, job: int) -> Connection:
        """As one does who is at work on the job, until it commits."""
        return self.begin("select from jobcenter.jobs where job_id = %s for update", job)

    def hold_next(self, job: int) -> Future[Connection]:
        """When those have let go of the job who have it now."""
        return self._pool.submit(self.hold, job)

    def ask(self, query: str, *params: Any) -> Future[Any]:
        return self.submit(query, params)

    def submit(self, query: str, params: Sequence[Any] | Mapping[str, Any]) -> Future[Any]:
        def perform() -> Any:
            with psycopg.connect(self._dsn, autocommit=True) as connection:
                return connection.execute(query.encode(), params).fetchall()

        return self._pool.submit(perform)

    def close(self) -> None:
        for connection in self._open:
            connection.close()


def go(connection: Connection, job: int, halves: int) -> None:
    """Half steps of the job, in the transaction that is open."""
    for _ in range(halves):
        (place,) = connection.execute(
            "select workflow_id, task_id from jobcenter.jobs where job_id = %s", [job]
        ).fetchall()
        step(connection, f"({place[0]},{place[1]},{job})")


def somebody_waits(scene: Scene, at_least: int = 1) -> bool:
    """For a lock of Postgres. In a transaction, what was seen first would be seen again."""
    scene.all("select pg_stat_clear_snapshot()")
    query = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    return len(scene.all(query)) >= at_least


@contextlib.contextmanager
def running(
    dsn: str, executor: Callable[[], Executor] = InlineExecutor, **settings: Any
) -> Iterator[None]:
    """A Maestro that runs meanwhile."""
    begun = threading.Event()
    box: dict[str, Any] = {}

    async def perform() -> None:
        box["maestro"] = maestro = Maestro(dsn, executor=executor, **settings)
        box["loop"] = asyncio.get_running_loop()
        begun.set()
        await maestro.run()

    def target() -> None:
        try:
            asyncio.run(perform())
        except BaseException as error:
            box["error"] = error
            begun.set()

    thread = threading.Thread(target=target)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        if "error" not in box:
            with contextlib.suppress(RuntimeError):  # the loop may have ended by itself
                box["loop"].call_soon_threadsafe(box["maestro"].stop)
        thread.join()
    if "error" in box:
        raise box["error"]


@contextlib.contextmanager
def working(dsn: str, **actions: Action) -> Iterator[None]:
    """A worker that does these actions meanwhile."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.is_set():
            with (
                contextlib.suppress(psycopg.OperationalError),  # the database comes back
                psycopg.connect(dsn, autocommit=True) as connection,
            ):
                scene = Scene(connection)
                # What was taken when the connection was lost is still this worker's.
                for name, _, cookie, inputs, _ in scene.all(
                    "select * from jobcenter.held_tasks('busy', '{}')"
                ):
                    scene.answer(cookie, actions[name](inputs))
                while not stopping.is_set():
                    for name, action in actions.items():
                        for _, cookie, inputs in scene.take(name, "busy"):
                            scene.answer(cookie, action(inputs))
                    stopping.wait(0.005)
            stopping.wait(0.1)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


@pytest.fixture
def scene(connection: Connection) -> Scene:
    return Scene(connection)


@pytest.fixture
def maestro(database: str) -> Iterator[None]:
    with running(database):
        yield


@pytest.fixture
def never_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not told is not found, in the time that a test has."""
    monkeypatch.setattr("jobcenter.maestro.POLL", 1000.0)


@pytest.fixture
def others(database: str) -> Iterator[Others]:
    with ThreadPoolExecutor() as pool:
        made = Others(database, pool)
        try:
            yield made
        finally:
            made.close()
