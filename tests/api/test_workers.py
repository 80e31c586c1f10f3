"""Workers over the wire: slots, filters, offers; several APIs, and how few connections to the database they need."""

from __future__ import annotations

import asyncio

import pytest

from jobcenter.api import dispatch
from jobcenter.api.server import Api
from tests.api.chores import announce, answer, create, done, hears_nothing, runs, take
from tests.api.conftest import Place, Wire, town, wire


def test_a_worker_is_told_of_no_more_than_it_has_slots_for(place: Place) -> None:
    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker, slots=3)
            await create(client, 5)
            tasks = [await take(worker) for _ in range(3)]
            await hears_nothing(worker)
            answer(worker, tasks[1], {"counter": 7})
            assert await done(client) == {"output": 7}
            tasks.append(await take(worker))
            assert len({task["job"] for task in tasks}) == 4
            await hears_nothing(worker)

    asyncio.run(run())


def test_actions_of_a_slotgroup_share_its_slots(place: Place) -> None:
    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await worker.result("create_slotgroup", name="grp", slots=2)
            again = await worker.call("create_slotgroup", name="grp", slots=2)
            assert again["error"]["message"].endswith("slotgroup grp already exists\n")
            await announce(worker, "add", slotgroup="grp")
            await announce(worker, "once", slotgroup="grp")
            await create(client, 2, "calltest")
            await create(client, 2, "callonce")
            tasks = [await take(worker) for _ in range(2)]
            await hears_nothing(worker)
            for task in tasks:
                answer(worker, task, {"counter": 1} if "counter" in task["inputs"] else {"n": 1})
            await asyncio.gather(take(worker))
            await take(worker)

    asyncio.run(run())


def test_work_is_shared_among_workers(place: Place) -> None:
    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as one,
            wire(api, "theVeteran") as other,
            wire(api, "theCustomer") as client,
        ):
            await announce(one, slots=2)
            await announce(other, slots=2)
            await create(client, 4)
            tasks = [await take(worker) for worker in (one, other, one, other)]
            assert len({task["job"] for task in tasks}) == 4

    asyncio.run(run())


def test_filters_and_environments(place: Place) -> None:
    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as a,
            wire(api, "theEmployee") as b,
            wire(api, "theCustomer") as client,
        ):
            await announce(a, "fetch", "a", filter={"host": "a.example"}, slots=5)
            await announce(b, "fetch", "b", filter={"host": ["b.example", "c.example"]}, slots=5)
            for host in ("a.example", "b.example", "c.example", "a.example", "nobody.example"):
                inputs = {"host": host}
                await client.result(
                    "create_job", wfname="callfetch", inargs=inputs, clenv={"lang": "é"}
                )

            served: dict[str, list[str]] = {"a": [], "b": []}

            async def serve(name: str, worker: Wire) -> None:
                while True:
                    ready = await worker.read()
                    assert ready is not None
                    task = await worker.result("get_task", **ready["params"])
                    if task:
                        assert task[3] == {"client": "theCustomer"}
                        served[name].append(task[2]["host"])
                        answer(worker, {"cookie": task[1]}, {"body": task[2]["host"]})

            serving = [asyncio.create_task(serve(*each)) for each in (("a", a), ("b", b))]
            outputs = [await done(client) for _ in range(4)]
            for task in serving:
                task.cancel()
            assert sorted(served["a"]) == ["a.example", "a.example"]
            assert sorted(served["b"]) == ["b.example", "c.example"]
            assert sorted(output["body"] for output in outputs) == served["a"] + sorted(served["b"])
            assert {output["lang"] for output in outputs} == {"é"}

    asyncio.run(run())


def test_an_offer_that_is_not_taken_up_goes_to_another_worker(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "OFFER", 0.3)

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as lazy,
            wire(api, "theCustomer") as client,
        ):
            await announce(lazy, name="lazy")
            (job,) = await create(client, 1)
            offered = await lazy.read()
            assert offered is not None
            async with wire(api, "theEmployee") as busy:
                await announce(busy, name="busy")
                task = await take(busy)
                assert task["job"] == job
                # Too late, then.
                assert await lazy.result("get_task", **offered["params"]) == []
                answer(busy, task, {"counter": 3})
                assert await done(client) == {"output": 3}

    asyncio.run(run())


def test_nobody_is_told_of_what_is_withdrawn(place: Place) -> None:
    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker)
            await create(client, 1)
            task = await take(worker)
            assert await worker.result("withdraw", actionname="add") == 1
            await create(client, 1)
            answer(worker, task, {"counter": 3})  # what it has, it may still answer
            assert await done(client) == {"output": 3}
            await hears_nothing(worker)
            await announce(worker)
            assert (await take(worker))["inputs"]["counter"] == 0

    asyncio.run(run())


def test_a_text_that_stands_for_a_task_is_never_taken_for_a_number(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobcenter.api.dispatch.secrets.token_hex", lambda size=32: "1" * size)

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker)
            await create(client, 3)
            for _ in range(3):  # there is one slot: of the later ones it is told by such a text
                answer(worker, await take(worker), {"counter": 1})
                assert await done(client) == {"output": 1}

    asyncio.run(run())


def test_two_apis_side_by_side(place: Place) -> None:
    async def run() -> None:
        async with (
            town(place) as one,
            Api(place.dsn, place.config) as other,
            wire(one, "theEmployee") as here,
            wire(other, "theEmployee") as there,
            wire(one, "theCustomer") as client,
        ):
            await announce(here, name="here", slots=3)
            await announce(there, name="there", slots=3)
            jobs = await create(client, 40)
            done_by = {"here": 0, "there": 0}

            async def serve(name: str, worker: Wire) -> None:
                while True:
                    ready = await worker.read()
                    assert ready is not None
                    task = await worker.result("get_task", **ready["params"])
                    if task:
                        done_by[name] += 1
                        answer(worker, {"cookie": task[1]}, {"counter": 1})

            serving = [
                asyncio.create_task(serve("here", here)),
                asyncio.create_task(serve("there", there)),
            ]
            for _ in jobs:
                await done(client)
            for task in serving:
                task.cancel()
            assert sum(done_by.values()) == 40
            assert {runs(place.connection, job) for job in jobs} == {1}

    asyncio.run(run())


def test_connections_to_the_database_are_few(place: Place) -> None:
    there = place.with_config(connections=2)

    async def run() -> None:
        async with Api(there.dsn, there.config) as api:
            peers = [wire(api, "theEmployee") for _ in range(30)]
            opened = [await peer.__aenter__() for peer in peers]
            await asyncio.gather(*(announce(p, name=f"w{n}") for n, p in enumerate(opened)))
            await asyncio.gather(
                *(p.result("find_jobs", filter="{}") for p in opened),
            )
            query = (
                "select count(*) from pg_stat_activity"
                " where pid <> pg_backend_pid() and datname = current_database()"
            )
            assert place.connection.execute(query).fetchone() == (3,)
            for peer in peers:
                await peer.__aexit__(None, None, None)

    asyncio.run(run())
