"""Short versions of what `python -m tests.api.load` does at length: connections cut at random, and many at once."""

from __future__ import annotations

import asyncio
import contextlib
import random

from jobcenter.api.server import Api
from tests.api.conftest import PASSWORDS, SECONDS, Place, town, wire
from tests.api.peers import Customer, Forgetful, cut_at_random

CUSTOMER, EMPLOYEE = PASSWORDS["theCustomer"][0], PASSWORDS["theEmployee"][0]


def answered_twice(place: Place) -> list[tuple[int]]:
    return place.connection.execute(
        "select job_id from jobcenter.job_task_log where task_id = 2 and task_error is null"
        " group by job_id having count(*) > 1"
    ).fetchall()


def test_connections_are_cut_at_random(place: Place) -> None:
    """No job is lost, and no answer is recorded twice; two APIs serve one half of the workers each."""
    place.connection.execute(
        "update jobcenter.settings set value = '1000' where name = 'lost_worker_tries'"
    )

    async def run() -> Customer:
        async with town(place) as one, Api(place.dsn, place.config) as other:
            addresses = one.addresses[0], other.addresses[0]
            workers = [
                Forgetful(addresses[number % 2], EMPLOYEE, f"w{number}", slots=5)
                for number in range(10)
            ]
            customer = Customer(addresses[0], CUSTOMER)
            await customer.connect()
            running = [asyncio.create_task(worker.work()) for worker in workers]
            await asyncio.gather(*(worker.announced.wait() for worker in workers))
            running.append(asyncio.create_task(cut_at_random(workers, 0.02, random.Random(6522))))
            await customer.create(range(600))
            assert customer.connection is not None
            customer.connection.cut()
            await customer.back()
            await asyncio.wait_for(customer.all_done(), 4 * SECONDS)
            for task in running:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            customer.connection.cut()
            return customer

    customer = asyncio.run(run())
    assert len(customer.inputs) == 600
    assert customer.wrong() == []
    assert answered_twice(place) == []


def test_many_peers_at_once(place: Place) -> None:
    async def run() -> None:
        async with town(place) as api, contextlib.AsyncExitStack() as stack:
            peers = await asyncio.gather(
                *(stack.enter_async_context(wire(api, "theCustomer")) for _ in range(300))
            )
            answers = await asyncio.gather(
                *(peer.result("find_jobs", filter='{"a": 1}') for peer in peers)
            )
            assert answers == [[]] * 300

    asyncio.run(run())
