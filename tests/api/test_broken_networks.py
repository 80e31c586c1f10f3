"""A network that breaks in each moment: between a Python client or worker and the API, and between the API and Postgres. And one that says nothing
any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from jobcenter import AsyncClient, Client, NoDatabase, Worker
from jobcenter.api.server import Api
from jobcenter.database import Connection
from tests.api.conftest import PASSWORDS, SECONDS, Place, adders, moving, town
from tests.network import Fault, Network, Nth, before_postgres, fair, moments

TWICE = "select arguments from jobcenter.jobs group by arguments having count(*) > 1"
STEPS = """
select job_id from jobcenter.jobs j
where stepcounter <> (select count(*) from jobcenter.job_task_log l where l.job_id = j.job_id)
"""

breaks = pytest.mark.parametrize("fault", [Fault.RESET, Fault.CUT], ids=lambda fault: fault.name)


@pytest.fixture(autouse=True)
def delays_stay_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the network breaks."""
    monkeypatch.setattr("jobcenter.connections.CALM", -1.0)


def assert_once(connection: Connection) -> None:
    """No job has been created twice, and no step recorded twice."""
    assert connection.execute(TWICE).fetchall() == []
    assert connection.execute(STEPS).fetchall() == []


def address(network: Network) -> str:
    return "tcp://{}:{}".format(*network.address)


@asynccontextmanager
async def serving(worker: Worker) -> AsyncIterator[None]:
    running = asyncio.create_task(worker.serve())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait_for(running, SECONDS)


async def order(jc: AsyncClient, number: int) -> None:
    """With a key: it may be said again, and is."""
    job = await jc.create_job("calltest", {"input": number}, key=f"order {number}")
    assert await job.result(SECONDS) == {"output": number + 3}


async def call(jc: AsyncClient, number: int) -> None:
    """Without one nobody knows whether there is such a job, where the connection broke."""
    with suppress(NoDatabase):
        assert await jc.call("calltest", {"input": -number}, SECONDS) == {"output": 3 - number}


@breaks
def test_an_async_client(place: Place, fault: Fault) -> None:
    who, token = "theCustomer", PASSWORDS["theCustomer"][0]

    async def run() -> None:
        async with town(place) as api, adders(place.dsn):
            with Network(api.addresses[0]) as network:
                async with AsyncClient(address(network), who=who, token=token) as jc:
                    for what in (order, call):
                        for number, network.fate in moments(fault):
                            await asyncio.gather(*(what(jc, 10 * number + n) for n in range(3)))
                        assert number > 1

    asyncio.run(run())
    assert_once(place.connection)


@breaks
def test_a_client(place: Place, fault: Fault) -> None:
    def ask(network: Network) -> None:
        who, token = "theCustomer", PASSWORDS["theCustomer"][0]
        with Client(address(network), who=who, token=token) as jc:
            for number, network.fate in moments(fault):
                job = jc.create_job("calltest", {"input": number}, key=f"order {number}")
                assert job.result(SECONDS) == {"output": number + 3}
            for number, network.fate in moments(fault):
                with suppress(NoDatabase):
                    assert jc.call("calltest", {"input": -number}) == {"output": 3 - number}
            assert number > 1
            network.fate = fair
            for number in range(3):  # what is not sent over a dead connection is no risk
                network.reset()
                jc.create_job("calltest", {"input": 1000 + number})

    async def run() -> None:
        async with town(place) as api, adders(place.dsn):
            with Network(api.addresses[0]) as network:
                await asyncio.to_thread(ask, network)

    asyncio.run(run())
    assert_once(place.connection)


@breaks
def test_a_worker(place: Place, fault: Fault) -> None:
    there = place.with_config(grace=20.0)

    async def run() -> None:
        async with town(there) as api, AsyncClient(place.dsn) as jc:
            with Network(api.addresses[0]) as network:
                worker, done = adder(network)
                async with serving(worker):
                    for number, network.fate in moments(fault):
                        await asyncio.gather(*(order(jc, 10 * number + n) for n in range(3)))
                    assert number > 1
                assert sorted(done) == sorted({*done})

    asyncio.run(run())
    assert_once(place.connection)


def adder(network: Network) -> tuple[Worker, list[float]]:
    """And the inputs of its tasks."""
    worker = Worker("adder", address(network), who="theEmployee", token=PASSWORDS["theEmployee"][0])
    done: list[float] = []

    @worker.action("add")
    async def add(counter: float, step: float) -> dict[str, float]:
        done.append(counter)
        return {"counter": counter + step}

    return worker, done


@breaks
def test_the_api(place: Place, fault: Fault) -> None:
    """Where only its way to Postgres breaks, who speaks to it keeps his connection."""
    who, token = "theCustomer", PASSWORDS["theCustomer"][0]

    async def run() -> None:
        with before_postgres(place.dsn) as (network, dsn):
            async with moving(place.dsn), Api(dsn, place.config) as api:
                with Network(api.addresses[0]) as direct:
                    worker, done = adder(direct)
                    async with (
                        serving(worker),
                        AsyncClient(address(direct), who=who, token=token) as jc,
                    ):
                        for what in (order, call):
                            for number, network.fate in moments(fault):
                                await asyncio.gather(*(what(jc, 10 * number + n) for n in range(3)))
                            assert number > 1
                        network.fate = fair
                assert sorted(done) == sorted({*done})

    asyncio.run(run())
    assert_once(place.connection)


@pytest.mark.parametrize("nth", [0, 1])
def test_an_api_that_says_nothing_any_more(
    place: Place, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a word nor the end of the connection: it has one minute, here half a second."""
    for module in ("network_async", "network_sync"):
        monkeypatch.setattr(f"jobcenter.{module}.ANSWER_SECONDS", 0.5)
    who, token = "theCustomer", PASSWORDS["theCustomer"][0]

    def ask(network: Network) -> None:
        with Client(address(network), who=who, token=token) as jc:
            network.fate = Nth(Fault.SILENCE, nth)
            job = jc.create_job("calltest", {"input": 100 + nth}, key="silent")
            assert job.result(SECONDS) == {"output": 103 + nth}

    async def run() -> None:
        async with town(place) as api, adders(place.dsn):
            with Network(api.addresses[0]) as network:
                async with AsyncClient(address(network), who=who, token=token) as jc:
                    network.fate = Nth(Fault.SILENCE, nth)
                    await order(jc, nth)
                await asyncio.to_thread(ask, network)

    asyncio.run(run())
    assert_once(place.connection)
