"""Those who lock several rows do it in one order: nobody is refused since another one was at work on the same. Cancels are in `test_cancel`."""

from __future__ import annotations

import pytest

from jobcenter.api import calls
from tests.runtime.maestro.conftest import PATIENCE, Others, Scene, running, somebody_waits
from tests.runtime.workflows import ADD, calltest

SILENT = "update jobcenter.workers set last_ping = now() - interval '1 day' where name = %s"


@pytest.fixture
def tasks(scene: Scene, database: str) -> list[tuple[int, str]]:
    """Three that a worker has: the jobs and the cookies."""
    scene.deploy(ADD, calltest())
    for _ in range(3):
        scene.create("calltest", input=1)
    with running(database):
        scene.until(lambda: len(scene.all("select from jobcenter.jobs where state = 'ready'")) == 3)
    return [(job, cookie) for job, cookie, _ in scene.take("add")]


def test_workers_that_are_given_up_in_two_ways(
    scene: Scene, others: Others, tasks: list[tuple[int, str]]
) -> None:
    """By housekeeping, and by the network API that they were connected to."""
    scene.take("add", "another")
    # With many that have gone, those that are there are found by their names.
    scene.connection.execute(
        "insert into jobcenter.workers (name, stopped) select 'gone ' || n, now() from generate_series(1, 5000) n"
    )
    scene.connection.execute("analyze jobcenter.workers")
    for worker in ("another", "worker"):
        scene.connection.execute(SILENT.encode(), [worker])
    holder = others.hold(tasks[0][0])
    silent = others.ask(
        "select * from jobcenter.disconnect_silent(array['worker', 'another'], '1 minute')"
    )
    scene.until(lambda: somebody_waits(scene))
    house = others.ask("select jobcenter.keep_house()")
    scene.until(lambda: somebody_waits(scene, 2))
    holder.rollback()
    house.result(PATIENCE)
    assert silent.result(PATIENCE) == [("worker",), ("another",)]


def test_tasks_that_are_given_back_while_their_worker_is_lost(
    scene: Scene, others: Others, tasks: list[tuple[int, str]]
) -> None:
    cookies = [cookie for _, cookie in reversed(tasks)]
    holder = others.hold(tasks[1][0])
    back = others.ask("select jobcenter.give_back(%s)", cookies)
    scene.until(lambda: somebody_waits(scene))
    lost = others.ask("select jobcenter.disconnect('worker')")
    scene.until(lambda: somebody_waits(scene, 2))
    holder.rollback()
    assert back.result(PATIENCE) == [(3,)]
    lost.result(PATIENCE)


def test_claims_for_many_workers_while_these_ping(
    scene: Scene, others: Others, tasks: list[tuple[int, str]]
) -> None:
    """As the network API does both, for all its workers."""
    scene.take("add", "another")
    scene.connection.execute("update jobcenter.workers set last_ping = now() - interval '11 s'")
    claim = "select from jobcenter.claim_tasks(json_build_array(json_build_object('worker', %s::text, 'action', 'add', 'n', 1)))"
    claims = others.begin(claim, "another")
    pings = others.ask("select jobcenter.ping(w) from unnest(array[1, 2]) w")
    scene.until(lambda: pings.done() or somebody_waits(scene))
    claims.execute(claim.encode(), ["worker"])
    claims.commit()
    assert pings.result(PATIENCE) == [(True,), (True,)]


def test_pings_of_many_workers_that_are_given_up_just_then(
    scene: Scene, others: Others, tasks: list[tuple[int, str]]
) -> None:
    scene.take("add", "another")
    given_up = "update jobcenter.workers set stopped = now() where name = %s"
    house = others.begin(given_up, "worker")
    ping = calls.ping([2, 1])
    pings = others.submit(ping.sql, ping.params)
    scene.until(lambda: somebody_waits(scene))
    house.execute(given_up.encode(), ["another"])
    house.commit()
    assert pings.result(PATIENCE) == [(1,), (2,)]


def test_keys_that_two_clients_use_in_different_order(scene: Scene, others: Others) -> None:
    scene.deploy(ADD, calltest())
    create = """select o_job_id from jobcenter.create_jobs('calltest', '[{"input": 1}, {"input": 2}, {"input": 3}]', keys => %s)"""
    scene.connection.execute("begin")
    ((first,),) = scene.all(create.replace("o_job_id", "min(o_job_id)"), [None, "b", None])
    one = others.ask(create, ["a", "b", "c"])
    scene.until(lambda: somebody_waits(scene))
    two = others.ask(create, ["c", "b", "a"])
    scene.until(lambda: somebody_waits(scene, 2))
    scene.connection.execute("commit")
    made = one.result(PATIENCE)
    assert made[1] == (first + 1,)
    assert two.result(PATIENCE) == made[::-1]
