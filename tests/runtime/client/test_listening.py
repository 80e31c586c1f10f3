"""When an async client listens to the ends of jobs: while somebody waits for one, and no end is missed by who begins to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jobcenter import AsyncClient, JobTimeout, connections, ends
from jobcenter.database import connect
from jobcenter.statements import Statement
from tests.runtime.client.conftest import Puppet
from tests.runtime.client.test_clients import finish

CHANNELS: Statement[list[str]] = Statement(
    "select pg_listening_channels() as channel", {}, lambda rows: [row["channel"] for row in rows]
)


@contextmanager
def finishing(database: str) -> Iterator[None]:
    """Every job ends soon."""
    stop = threading.Event()

    def pull() -> None:
        with connect(database) as connection:
            while not stop.wait(0.001):
                finish(Puppet(connection), '{"counter": 7}')

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
                assert await jc.run(CHANNELS) == [ends.CHANNEL]
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
