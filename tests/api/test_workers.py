"""Workers over the wire: slots, filters, offers; what becomes of tasks when a worker, the database or the API goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jobcenter.api import dispatch, workers
from jobcenter.api.server import Api
from jobcenter.database import Connection
from jobcenter.observe.health import Health
from tests.api.conftest import SECONDS, Place, Wire, moving, town, wire

Frame = dict[str, Any]


async def until(condition: Callable[[], object]) -> None:
    """Waits for what must happen; how long it takes is not what is tested."""
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def create(client: Wire, count: int, workflow: str = "calltest") -> list[int]:
    """Jobs, all at once."""
    name = {"calltest": "input", "callonce": "n"}[workflow]
    for n in range(count):
        params = {"wfname": workflow, "inargs": {name: n}}
        client.send({"id": f"create{n}", "method": "create_job", "params": params})
    answers = [await client.answer_to(f"create{n}") for n in range(count)]
    return [answer["result"][0] for answer in answers]


async def take(worker: Wire) -> Frame:
    """The next task that the worker is told of."""
    ready = await worker.read()
    assert ready is not None
    assert ready["method"] == "task_ready"
    job, cookie, inputs, env = await worker.result("get_task", **ready["params"])
    return {"job": job, "cookie": cookie, "inputs": inputs, "env": env}


async def hears_nothing(worker: Wire) -> None:
    """What it was told before a ping is answered is here then."""
    assert await worker.call("ping") == {"result": "pong?"}
    assert worker.waiting == []


def answer(worker: Wire, task: Frame, outputs: Frame) -> None:
    params = {"cookie": task["cookie"], "outargs": outputs}
    worker.send({"method": "task_done", "params": params})


async def done(client: Wire) -> Frame:
    message = await client.read()
    assert message is not None
    assert message["method"] == "job_done"
    return dict(message["params"]["outargs"])


def states(connection: Connection, jobs: list[int]) -> list[str]:
    rows = connection.execute(
        "select state::text from jobcenter.jobs where job_id = any (%s) order by job_id", [jobs]
    )
    return [state for (state,) in rows]


def runs(connection: Connection, job: int) -> int:
    """How often the step with the action was recorded, answered or failed."""
    row = connection.execute(
        "select count(*) from jobcenter.job_task_log where job_id = %s and task_id = 2", [job]
    ).fetchone()
    assert row is not None
    return int(row[0])


def alive(place: Place) -> int:
    """How many workers the database takes for alive."""
    row = place.connection.execute(
        "select count(*) from jobcenter.workers where stopped is null"
    ).fetchone()
    assert row is not None
    return int(row[0])


async def announce(worker: Wire, action: str = "add", name: str = "w", **more: Any) -> None:
    assert await worker.result("announce", actionname=action, workername=name, **more) == [
        True,
        "success",
    ]


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


def cut_database(place: Place) -> None:
    place.connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database()"
    )


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
