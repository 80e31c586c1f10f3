"""What becomes of tasks and answers when a worker, the database or the API goes away."""

from __future__ import annotations

import asyncio

import pytest
from psycopg.sql import SQL, Identifier, Literal

from jobcenter.api import workers
from jobcenter.api.server import Api
from jobcenter.observe.health import Health
from tests.api.chores import (
    alive,
    announce,
    answer,
    create,
    cut_database,
    done,
    runs,
    states,
    take,
    until,
)
from tests.api.conftest import SECONDS, Place, moving, town, wire


def test_a_lost_worker_may_come_back_with_its_answer(place: Place) -> None:
    """It says hello again under the same name within the grace; another API would do as well."""
    there = place.with_config(grace=20.0)

    async def run() -> None:
        async with (
            town(there) as api,
            Api(there.dsn, there.config) as other_api,
            wire(api, "theCustomer") as client,
        ):
            async with wire(api, "theEmployee") as worker:
                await announce(worker)
                jobs = await create(client, 1)
                task = await take(worker)
            async with wire(other_api, "theEmployee") as worker:
                await announce(worker)
                assert states(place.connection, jobs) == ["working"]
                answer(worker, task, {"counter": 3})
                assert await done(client) == {"output": 3}
            assert runs(place.connection, jobs[0]) == 1

    asyncio.run(run())


def test_the_tasks_of_a_lost_worker_are_tried_by_others(place: Place) -> None:
    async def run() -> None:
        async with town(place) as api, wire(api, "theCustomer") as client:
            async with wire(api, "theEmployee") as worker:
                await announce(worker, name="first")
                jobs = await create(client, 1)
                first = await take(worker)
            async with wire(api, "theEmployee") as worker:
                await announce(worker, name="second")
                second = await take(worker)
                assert second["job"] == first["job"]
                answer(worker, first, {"counter": 1})  # changes nothing
                answer(worker, second, {"counter": 2})
                assert await done(client) == {"output": 2}
            first_row = place.connection.execute(
                "select count(*) from jobcenter.workers"
                " where stopped is null and name like 'theEmployee:first:%'"
            ).fetchone()
            assert first_row == (0,)
            assert runs(place.connection, jobs[0]) >= 1

    asyncio.run(run())


def test_what_a_worker_lost_with_its_connection_is_tried_again(place: Place) -> None:
    """It is back under its name, and alive; but it does not answer."""

    async def run() -> None:
        async with town(place) as api, wire(api, "theCustomer") as client:
            async with wire(api, "theEmployee") as worker:
                await announce(worker, slots=2)
                jobs = await create(client, 2)
                tasks = [await take(worker) for _ in jobs]
            async with wire(api, "theEmployee") as worker:
                await announce(worker, slots=2)
                answer(worker, tasks[0], {"counter": 10})
                assert await done(client) == {"output": 10}
                again = await take(worker)
                assert again["job"] == tasks[1]["job"]
                answer(worker, tasks[1], {"counter": 11})  # changes nothing
                answer(worker, again, {"counter": 12})
                assert await done(client) == {"output": 12}
            assert runs(place.connection, tasks[0]["job"]) == 1

    asyncio.run(run())


def test_two_workers_of_one_name_do_not_cost_each_other_their_tasks(place: Place) -> None:
    """A name may be in use twice, here at two APIs: one worker comes and goes while the other is at work."""
    there = place.with_config(grace=0.1)

    async def run() -> None:
        async with (
            town(there) as api,
            Api(there.dsn, there.config) as other_api,
            wire(api, "theEmployee") as busy,
            wire(api, "theCustomer") as client,
        ):
            await announce(busy)
            jobs = await create(client, 1)
            task = await take(busy)
            async with wire(other_api, "theEmployee") as idle:
                await announce(idle)
                await asyncio.sleep(0.3)  # past the grace
                assert states(place.connection, jobs) == ["working"]
            await until(lambda: alive(place) == 1)
            assert states(place.connection, jobs) == ["working"]
            answer(busy, task, {"counter": 3})
            assert await done(client) == {"output": 3}
            assert runs(place.connection, jobs[0]) == 1

    asyncio.run(run())


def test_an_idle_worker_that_goes_is_gone_at_once(place: Place) -> None:
    there = place.with_config(grace=1000.0)

    async def run() -> None:
        async with town(there) as api:
            async with wire(api, "theEmployee") as worker:
                await announce(worker)
            await until(lambda: alive(place) == 0)

    asyncio.run(run())


def test_a_task_that_never_reached_its_worker_goes_back(place: Place) -> None:
    """Its connection went between the claim and the answer: nothing has been done, so it is not a failure."""

    async def run() -> None:
        async with town(place) as api, wire(api, "theCustomer") as client:
            async with wire(api, "theEmployee") as worker:
                await announce(worker, "once")
                jobs = await create(client, 1, "callonce")
                ready = await worker.read()
                assert ready is not None
                peer = next(peer for peer in api.sessions if peer.desk.is_worker)
                claiming = asyncio.create_task(
                    peer.desk.get_task("once", ready["params"]["job_id"])
                )
                await asyncio.sleep(0)
                await peer.desk.close()
                assert await claiming is None
            await until(lambda: states(place.connection, jobs) == ["ready"])
            async with wire(api, "theEmployee") as worker:
                await announce(worker, "once", "other")
                answer(worker, await take(worker), {"n": 5})
                assert await done(client) == {"n": 5}
            assert runs(place.connection, jobs[0]) == 1

    asyncio.run(run())


def test_the_database_goes_and_comes_back(place: Place) -> None:
    """The connections of the API are cut while tasks are in hand: nothing is lost, and nobody has to say hello again."""

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker, slots=20)
            jobs = await create(client, 20)
            tasks = [await take(worker) for _ in range(10)]
            cut_database(place)
            for task in tasks:
                answer(worker, task, {"counter": task["inputs"]["counter"] + 3})
            cut_database(place)
            outputs = []

            async def serve() -> None:
                while True:
                    ready = await worker.read()
                    assert ready is not None
                    task = await worker.result("get_task", **ready["params"])
                    if task:
                        answer(worker, {"cookie": task[1]}, {"counter": task[2]["counter"] + 3})

            serving = asyncio.create_task(serve())
            outputs = [await done(client) for _ in jobs]
            serving.cancel()
            assert sorted(output["output"] for output in outputs) == [n + 3 for n in range(20)]
            assert {runs(place.connection, job) for job in jobs} == {1}

    asyncio.run(run())


def read_only(place: Place, *, now: bool) -> None:
    """New connections to the database only read, or write again. The old ones are cut."""
    name = place.connection.info.dbname
    place.connection.execute(
        SQL("alter database {} set default_transaction_read_only = {}").format(
            Identifier(name), Literal("on" if now else "off")
        )
    )
    cut_database(place)


def test_answers_wait_for_a_database_that_takes_none_for_a_moment(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """It is there and refuses, which is no answer's fault: none is lost, none is called bad. One that is bad still fails alone."""

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker, slots=4)
            await create(client, 4)
            tasks = [await take(worker) for _ in range(4)]
            read_only(place, now=True)
            answer(worker, tasks[0], {"counter": 10})
            await until(lambda: "1 answers wait for the database" in caplog.text)
            # One that the database cannot store, as nobody can send it.
            bad = asyncio.create_task(
                api.service.answer(tasks[1]["cookie"], '{"counter": "\\u0000"}')
            )
            answer(worker, tasks[2], {"counter": 12})
            answer(worker, tasks[3], {"counter": 13})
            read_only(place, now=False)
            outputs = [await done(client) for _ in tasks]
            (error,) = [output.pop("error") for output in outputs if "error" in output]
            assert error["msg"].startswith("the answer was refused: unsupported Unicode")
            assert sorted(output["output"] for output in outputs if output) == [10, 12, 13]
            assert await bad == "recorded"

    asyncio.run(run())


def test_a_claim_whose_answer_was_lost_is_found_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BEAT", 0.1)

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker, "once", slots=3)
            (job,) = await create(client, 1, "callonce")
            ready = await worker.read()
            assert ready is not None
            # The database has handed it out, but nobody heard.
            (name,) = next(peer for peer in api.sessions if peer.desk.is_worker).desk.worker_names
            place.connection.execute("select jobcenter.get_tasks(%s, 'once', 1)", [name])
            api.service.uncertain.add(name)
            task = await take(worker)
            assert task["job"] == job
            answer(worker, task, {"n": 4})
            assert await done(client) == {"n": 4}

    asyncio.run(run())


def test_a_worker_that_the_database_forgot_is_announced_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BEAT", 0.1)
    monkeypatch.setattr(workers, "PING", 0.1)

    async def run() -> None:
        async with (
            town(place) as api,
            wire(api, "theEmployee") as worker,
            wire(api, "theCustomer") as client,
        ):
            await announce(worker)
            place.connection.execute("select jobcenter.disconnect(name) from jobcenter.workers")
            await until(lambda: alive(place) == 1)
            await create(client, 1)
            answer(worker, await take(worker), {"counter": 2})
            assert await done(client) == {"output": 2}

    asyncio.run(run())


def test_an_orderly_stop_waits_for_answers(place: Place) -> None:
    async def run() -> None:
        async with moving(place.dsn):
            async with (
                Api(place.dsn, place.config) as api,
                wire(api, "theEmployee") as worker,
                wire(api, "theCustomer") as client,
            ):
                await announce(worker, slots=2)
                jobs = await create(client, 3)
                tasks = [await take(worker) for _ in range(2)]
                stopping = asyncio.create_task(api.stop(SECONDS))
                await asyncio.sleep(0.1)
                assert not stopping.done()
                for task in tasks:
                    answer(worker, task, {"counter": 9})
                await stopping
                # It was told of no more, and the connection is closed.
                while (message := await worker.read()) is not None:
                    assert message.get("method") != "task_ready"
            await until(
                lambda: sorted(states(place.connection, jobs)) == ["finished", "finished", "ready"]
            )
            assert alive(place) == 0

    asyncio.run(run())


def test_a_stop_does_not_wait_for_ever(place: Place) -> None:
    async def run() -> None:
        async with moving(place.dsn):
            async with (
                Api(place.dsn, place.config) as api,
                wire(api, "theEmployee") as worker,
                wire(api, "theCustomer") as client,
            ):
                await announce(worker)
                jobs = await create(client, 1)
                await take(worker)
                await api.stop(0.2)
            # The task is tried by others.
            await until(lambda: states(place.connection, jobs) == ["ready"])

    asyncio.run(run())


def test_who_watches_hears_that_a_part_has_lost_the_database(place: Place) -> None:
    health = Health()

    async def troubles() -> set[str]:
        async def reachable() -> bool:
            return True

        _, report = await health.ready(reachable)
        checks = report["checks"]
        assert isinstance(checks, dict)
        return {name for name, check in checks.items() if not check["ok"]}

    async def run() -> None:
        async with Api("host=127.0.0.1 port=1", place.config, observer=health) as api:
            api.service.endings.watch(1, lambda output: None)
            api.service.endings.heard("")
            async with asyncio.timeout(SECONDS):
                while await troubles() != {"endings"}:
                    await asyncio.sleep(0.01)

    asyncio.run(run())
