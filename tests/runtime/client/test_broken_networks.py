"""A network that breaks in each moment of a conversation with Postgres, whether a client speaks, a worker or a Maestro: by a reset, and in the middle
of a message. All go on by themselves, nothing is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import uvloop
from psycopg.conninfo import make_conninfo

from jobcenter import AsyncClient, Client, Worker
from jobcenter.database import Connection, connect, connect_async
from jobcenter.deploy import deploy
from jobcenter.errors import NoDatabase
from jobcenter.executor import InlineExecutor
from jobcenter.maestro import Maestro
from tests.artifacts import ADD, CALLTEST
from tests.network import Fault, Network, before_postgres, moments

SECONDS = 20.0  # only a test that fails waits for so long
Loop = Callable[[], asyncio.AbstractEventLoop]

TWICE = "select arguments from jobcenter.jobs group by arguments having count(*) > 1"
STEPS = """
select job_id from jobcenter.jobs j
where stepcounter <> (select count(*) from jobcenter.job_task_log l where l.job_id = j.job_id)
"""
# The values themselves are not to be had where the server's side is a Unix socket.
SERVERS = "select source from pg_settings where name like 'tcp~_%' escape '~'"

breaks = pytest.mark.parametrize("fault", [Fault.RESET, Fault.CUT], ids=lambda fault: fault.name)
loops = pytest.mark.parametrize(
    "loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)


@pytest.fixture(autouse=True)
def delays_stay_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the network breaks."""
    monkeypatch.setattr("jobcenter.connections.CALM", -1.0)


@pytest.fixture
def talk(connection: Connection) -> Connection:
    deploy(connection, [ADD, CALLTEST])
    return connection


@contextmanager
def going(
    run: Callable[[], Awaitable[None]], stop: Callable[[], None], loop: Loop
) -> Iterator[None]:
    """A Maestro or a worker on a loop in a thread of its own. At the end it is told to stop, and does."""
    made = loop()
    thread = threading.Thread(target=lambda: made.run_until_complete(run()))
    thread.start()
    try:
        yield
    finally:
        made.call_soon_threadsafe(stop)
        thread.join(SECONDS)
        assert not thread.is_alive()
        made.close()


@contextmanager
def town(maestros: str, workers: str, loop: Loop = asyncio.new_event_loop) -> Iterator[list[float]]:
    """What reaches the database by these DSNs. Gives the inputs of the tasks that have been done."""
    done: list[float] = []
    maestro, worker = Maestro(maestros, executor=InlineExecutor), Worker("adder", workers)

    @worker.action("add")
    async def add(counter: float, step: float) -> dict[str, float]:
        done.append(counter)
        return {"counter": counter + step}

    with going(maestro.run, maestro.stop, loop), going(worker.serve, worker.stop, loop):
        yield done


def assert_once(connection: Connection) -> None:
    """No job has been created twice, and no step recorded twice."""
    assert connection.execute(TWICE).fetchall() == []
    assert connection.execute(STEPS).fetchall() == []


@breaks
def test_a_client(database: str, talk: Connection, fault: Fault) -> None:
    with town(database, database), before_postgres(database) as (network, dsn), Client(dsn) as jc:
        for number, network.fate in moments(fault):
            job = jc.create_job("calltest", {"input": number}, key=f"order {number}")
            assert job.result(SECONDS) == {"output": number + 3}
        assert number > 4
        for number, network.fate in moments(fault):
            with suppress(NoDatabase):  # who knows whether there is such a job?
                assert jc.call("calltest", {"input": -number}, SECONDS) == {"output": 3 - number}
        assert number > 1
    assert_once(talk)


def test_a_client_whose_connection_broke_while_it_asked_nothing(
    database: str, talk: Connection
) -> None:
    """What is not sent over a dead connection need not be repeated over another one."""
    with before_postgres(database) as (network, dsn), Client(dsn) as jc:
        for number in range(3):
            assert jc.create_job("calltest", {"input": number}).id > 0
            network.reset()


@breaks
@loops
def test_an_async_client(database: str, talk: Connection, fault: Fault, loop: Loop) -> None:
    async def perform(network: Network, dsn: str) -> None:
        async with AsyncClient(dsn) as jc:

            async def order(number: int) -> None:
                job = await jc.create_job("calltest", {"input": number}, key=f"order {number}")
                assert await job.result(SECONDS) == {"output": number + 3}

            async def call(number: int) -> None:
                with suppress(NoDatabase):  # who knows whether there is such a job?
                    outputs = await jc.call("calltest", {"input": -number}, SECONDS)
                    assert outputs == {"output": 3 - number}

            for what in (order, call):
                for number, network.fate in moments(fault):
                    await asyncio.gather(*(what(10 * number + n) for n in range(3)))
                assert number > 1

    with (
        town(database, database),
        before_postgres(database) as (network, dsn),
        asyncio.Runner(loop_factory=loop) as runner,
    ):
        runner.run(asyncio.wait_for(perform(network, dsn), 3 * SECONDS))
    assert_once(talk)


@breaks
@loops
def test_a_worker(database: str, talk: Connection, fault: Fault, loop: Loop) -> None:
    with (
        before_postgres(database) as (network, dsn),
        town(database, dsn, loop) as done,
        Client(database) as jc,
    ):
        for number, network.fate in moments(fault):
            inputs = [10 * number + n for n in range(3)]
            jobs = jc.create_jobs("calltest", [{"input": n} for n in inputs])
            assert [job.result(SECONDS) for job in jobs] == [{"output": n + 3} for n in inputs]
        assert number > 1
    assert sorted(done) == sorted({*done})
    assert_once(talk)


@breaks
@loops
def test_a_maestro(database: str, talk: Connection, fault: Fault, loop: Loop) -> None:
    with (
        before_postgres(database) as (network, dsn),
        town(dsn, database, loop) as done,
        Client(database) as jc,
    ):
        for number, network.fate in moments(fault):
            inputs = [10 * number + n for n in range(3)]
            jobs = jc.create_jobs("calltest", [{"input": n} for n in inputs])
            assert [job.result(SECONDS) for job in jobs] == [{"output": n + 3} for n in inputs]
        assert number > 2  # how much goes in one piece is chance
    assert sorted(done) == sorted({*done})
    assert_once(talk)


def test_a_silent_connection_ends_on_both_sides(database: str) -> None:
    """The systems see to it, which are told so: no proxy can play a machine that has lost its power."""
    with before_postgres(database) as (_, dsn):
        for own, idle in ((dsn, 10), (make_conninfo(dsn, keepalives_idle=77), 77)):
            with connect(own) as connection:
                assert ours(connection.fileno()) == (idle, 5, 4, 30_000)
                assert connection.execute(SERVERS).fetchall() == [("session",)] * 4

        async def perform() -> None:
            async with await connect_async(dsn) as connection:
                assert ours(connection.fileno()) == (10, 5, 4, 30_000)
                cursor = await connection.execute(SERVERS)
                assert await cursor.fetchall() == [("session",)] * 4

        asyncio.run(perform())


def ours(descriptor: int) -> tuple[int, ...]:
    """What the system knows of this side of a connection."""
    options = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
    with socket.socket(fileno=os.dup(descriptor)) as same:
        return tuple(same.getsockopt(socket.IPPROTO_TCP, getattr(socket, each)) for each in options)
