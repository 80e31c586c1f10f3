"""When an async client listens to the ends of jobs: while somebody waits for one, and no end is missed by who begins to."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from jobcenter import AsyncClient, Client, JobTimeout, connections, ends
from jobcenter.database import Connection, connect
from jobcenter.statements import JobStatus, Statement
from tests.runtime.client.conftest import Puppet
from tests.runtime.client.test_clients import finish

CHANNELS: Statement[list[str]] = Statement(
    "select pg_listening_channels() as channel", {}, lambda rows: [row["channel"] for row in rows]
)


@contextmanager
def finishing(database: str, answer: str = '{"counter": 7}') -> Iterator[None]:
    """Every job ends soon, with that answer."""
    stop = threading.Event()

    def pull() -> None:
        with connect(database) as connection:
            while not stop.wait(0.001):
                finish(Puppet(connection), answer)

    thread = threading.Thread(target=pull)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_client_for_which_nobody_waits_listens_to_no_ends(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ends, "IDLE", 0.05)

    async def work() -> None:
        async with AsyncClient(database) as jc, asyncio.timeout(60):
            for _ in range(2):
                assert await jc.run(CHANNELS) == []
                waiting = asyncio.create_task(jc.call("calltest", {"input": 1}, 0.5))
                await asyncio.sleep(0.3)
                all_ends, own = await jc.run(CHANNELS)
                assert all_ends == ends.CHANNEL
                assert own.startswith("caller:")
                with pytest.raises(JobTimeout):
                    await waiting
                while await jc.run(CHANNELS):
                    await asyncio.sleep(0.01)

    asyncio.run(work())


def test_a_client_may_be_closed_as_it_stops_listening(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ends, "IDLE", 0)

    async def work(turns: int) -> None:
        async with AsyncClient(database) as jc:
            with pytest.raises(JobTimeout):
                await jc.call("calltest", {"input": 1}, 0.01)
            for _ in range(turns):
                await asyncio.sleep(0)
            await jc.close()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    for turns in range(6):
        asyncio.run(work(turns))


@pytest.mark.parametrize("idle", [0, 0.001, 0.003])
def test_no_end_is_missed(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch, idle: float
) -> None:
    """Listening ends whenever nobody waits for a moment, and nobody looks for himself."""
    monkeypatch.setattr(ends, "IDLE", idle)
    monkeypatch.setattr(connections, "POLL", 1000.0)

    async def work() -> list[dict[str, Any]]:
        async with AsyncClient(database) as jc, asyncio.timeout(60):

            async def some(lane: int) -> list[dict[str, Any]]:
                outputs = []
                for number in range(10):
                    if (number + lane) % 2:
                        outputs.append(await jc.call("calltest", {"input": number}))
                    else:
                        job = await jc.create_job("calltest", {"input": number})
                        outputs.append(await job.result())
                    await asyncio.sleep(number * lane / 1000)
                return outputs

            lanes = await asyncio.gather(*map(some, range(4)))
            return [output for lane in lanes for output in lane]

    with finishing(database):
        assert asyncio.run(work()) == [{"counter": 7}] * 40


def forbidden(self: Client | AsyncClient, job_id: int) -> JobStatus:
    raise AssertionError("it looked for itself")


def test_the_end_of_a_call_brings_its_output(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "get_job_status", forbidden)
    with Client(database) as jc, finishing(database):
        for number in range(3):
            assert jc.call("calltest", {"input": number}, 60) == {"counter": 7}


def test_the_end_of_an_async_call_brings_its_output(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AsyncClient, "get_job_status", forbidden)

    async def work() -> None:
        async with AsyncClient(database) as jc:
            for number in range(3):
                assert await jc.call("calltest", {"input": number}, 60) == {"counter": 7}

    with finishing(database):
        asyncio.run(work())


def test_an_output_that_no_notification_holds_is_looked_up(
    database: str, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "POLL", 1000.0)
    output = {"counter": 7, "note": "ä" * 4000}

    async def work() -> None:
        async with AsyncClient(database) as other:
            assert await other.call("calltest", {"input": 1}, 60) == output

    with Client(database) as jc, finishing(database, json.dumps(output)):
        assert jc.call("calltest", {"input": 1}, 60) == output
        asyncio.run(work())


@pytest.mark.parametrize(("size", "whole"), [(7_999, True), (8_000, False)])
def test_a_caller_is_told_as_much_as_a_notification_holds(
    connection: Connection, size: int, whole: bool
) -> None:
    caller = uuid.uuid4()
    ended = {
        "caller": str(caller),
        "job": 12345,
        "output": {"x": "ä" + "n" * (size - len('12345 {"x": "ä"} '))},
    }
    with connection.transaction():
        connection.execute(f'listen "caller:{caller}"')
        connection.execute("select jobcenter.tell_ends('{12345}', %s)", [Jsonb([ended])])
    (told,) = connection.notifies(timeout=10, stop_after=1)
    number, _, output = told.payload.partition(" ")
    assert number == "12345"
    assert (json.loads(output) if output else None) == (ended["output"] if whole else None)


def test_calls_and_other_waits_go_on_one_connection(database: str, puppet: Puppet) -> None:
    with Client(database) as jc, finishing(database):
        for number in range(3):
            assert jc.call("calltest", {"input": number}, 60) == {"counter": 7}
            assert jc.create_job("calltest", {"input": number}).result(60) == {"counter": 7}
        with pytest.raises(JobTimeout):  # its end comes while the next one is waited for
            jc.call("calltest", {"input": 1}, 0)
        assert jc.call("calltest", {"input": 2}, 60) == {"counter": 7}


def test_what_all_can_listen_to_tells_no_output(database: str, puppet: Puppet) -> None:
    with connect(database) as other, Client(database) as jc, finishing(database):
        other.execute('listen "jobs:ended"')
        assert jc.call("calltest", {"input": 1}, 60) == {"counter": 7}
        (told,) = other.notifies(timeout=10, stop_after=1)
        assert told.payload.isdigit()


FAILED = '{"error": {"class": "fatal", "msg": "the first time"}}'


def test_a_job_that_is_tried_again_has_another_end(database: str, puppet: Puppet) -> None:
    """The first one came when nobody waited for it any more."""
    with Client(database) as jc:
        with pytest.raises(JobTimeout) as late:
            jc.call("calltest", {"input": 1}, 0)
        finish(puppet, FAILED)
        assert jc.retry_job(late.value.job_id)
        with finishing(database):
            assert jc.result(late.value.job_id, 60) == {"counter": 7}


def test_a_job_that_is_tried_again_has_another_end_for_an_async_client_too(
    database: str, puppet: Puppet
) -> None:
    async def work() -> None:
        async with AsyncClient(database) as jc:
            with pytest.raises(JobTimeout) as late:
                await jc.call("calltest", {"input": 1}, 0.01)
            finish(puppet, FAILED)
            assert await jc.retry_job(late.value.job_id)
            with finishing(database):
                assert await jc.result(late.value.job_id, 60) == {"counter": 7}

    asyncio.run(work())
