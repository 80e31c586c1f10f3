"""Those who lock several rows do it in one order: nobody is refused since another one was at work on the same. Cancels are in `test_cancel`."""

from __future__ import annotations

import pytest

from jobcenter.api import calls
from jobcenter.artifact import Definition, Input, Kind
from tests.runtime.maestro.conftest import PATIENCE, Others, Scene, go, running, somebody_waits
from tests.runtime.workflows import ADD, Flow, calltest

# All that a Maestro does has been done, for now.
LOOKED = """
select from pg_stat_activity where application_name = 'jobcenter maestro' and datname = current_database()
having bool_and(state = 'idle') and bool_or(query = 'rollback')
"""
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


def impatient() -> Definition:
    """Waits for lock a for as long as it is let, and then for lock b, which it names in its output."""
    flow = Flow("impatient")
    flow.lock("zone", None, manual=True)
    flow.task(Kind.LOCK, lock_type="zone", value="'a'", on_error=3)
    flow.task(Kind.LOCK, lock_type="zone", value="'b'")
    return flow.definition(end="op_put(o, 'b', 'has')")


def holder() -> Definition:
    flow = Flow("holder")
    flow.lock("zone", "op_get(a, 'zone')")
    flow.task(Kind.SLEEP, value="1000")
    return flow.definition([Input("zone", "string")])


@pytest.fixture
def waiting(scene: Scene, database: str) -> tuple[int, int, int]:
    """Jobs that hold locks a and b, and one that waits for a."""
    scene.deploy(holder(), impatient())
    with running(database):
        a, b = scene.create("holder", zone="a"), scene.create("holder", zone="b")
        scene.until_state(a, "sleeping")
        scene.until_state(b, "sleeping")
        waits = scene.create("impatient")
        scene.until_state(waits, "lockwait")
    scene.connection.execute(
        "update jobcenter.jobs set parentjob_id = 0, timeout = now() where job_id = %s", [waits]
    )
    return a, b, waits


# As in a Maestro's batch.
GUARD = """select jobcenter.guard_locks('[]', '{"locks": [{"job": 0, "type": "zone", "value": "a"}]}')"""
UNLOCK = """
select jobcenter.guard_locks('[]', '{"unlocks": [{"job": %s, "type": "zone", "value": "a"}]}'),
       jobcenter.release_locks('[{"job": %s, "type": "zone", "value": "a"}]')
"""


def test_a_lock_is_not_handed_to_one_who_waits_for_another_by_now(
    scene: Scene, others: Others, waiting: tuple[int, int, int]
) -> None:
    """It was taken out of the queue while the lock was on its way to it."""
    a, _, waits = waiting
    cancel = others.begin("select jobcenter.cancel_job(%s)", waits)
    claim = others.hold_next(waits)
    scene.until(lambda: somebody_waits(scene))
    passed = others.ask(UNLOCK % (a, a))
    scene.until(lambda: somebody_waits(scene, 2))
    cancel.commit()
    maestro = claim.result(PATIENCE)
    go(maestro, waits, 2)
    maestro.commit()
    passed.result(PATIENCE)
    assert scene.state(waits) == "lockwait"
    assert scene.all("select lockvalue from jobcenter.locks where job_id = %s", waits) == []
    assert scene.one("select lockvalue from jobcenter.lock_waits") == ("b",)


# What takes a job out of a lock's queue, whose row is locked then.
OUT_OF_THE_QUEUE = (
    "select jobcenter.cancel_job(%s)",
    "select jobcenter.abort_children(array[(select parentjob_id from jobcenter.jobs where job_id = %s)])",
    "select jobcenter.wake_due(1000) from jobcenter.jobs where job_id = %s",
)


@pytest.mark.parametrize("out", OUT_OF_THE_QUEUE)
def test_who_hands_on_a_lock_does_not_wait_for_one_who_left_its_queue(
    scene: Scene, others: Others, waiting: tuple[int, int, int], out: str
) -> None:
    """Another Maestro has that one by now, and waits until nobody else has to do with the lock."""
    a, _, waits = waiting
    leaving = others.begin(out, waits)
    claim = others.hold_next(waits)
    scene.until(lambda: somebody_waits(scene))
    passed = others.ask(UNLOCK % (a, a))
    scene.until(lambda: somebody_waits(scene, 2))
    leaving.commit()
    maestro = claim.result(PATIENCE)
    maestro.execute(GUARD)
    maestro.commit()
    passed.result(PATIENCE)
    assert scene.state(waits) == "done"
    assert scene.all("select from jobcenter.locks where lockvalue = 'a'") == []


@pytest.mark.parametrize("out", OUT_OF_THE_QUEUE)
def test_one_to_whom_a_lock_is_being_handed_stays_in_its_queue(
    scene: Scene, others: Others, waiting: tuple[int, int, int], out: str
) -> None:
    a, _, waits = waiting
    leaving = others.hold(waits)
    passed = others.ask(UNLOCK % (a, a))
    scene.until(lambda: somebody_waits(scene))
    leaving.execute(out.encode(), [waits])
    leaving.commit()
    passed.result(PATIENCE)
    assert scene.all("select job_id from jobcenter.locks where lockvalue = 'a'") == [(waits,)]
    state, answer, aborted = scene.one(
        "select state::text, out_args, aborted from jobcenter.jobs where job_id = %s", waits
    )
    assert (state, answer) == ("done", {})
    assert aborted is ("cancel" in out)


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


def test_a_worker_that_comes_back_at_that_very_moment_stays(
    scene: Scene, others: Others, tasks: list[tuple[int, str]]
) -> None:
    scene.connection.execute(SILENT.encode(), ["worker"])
    back = others.begin("select jobcenter.ping(1)")
    silent = others.ask("select * from jobcenter.disconnect_silent(array['worker'], '1 minute')")
    scene.until(lambda: somebody_waits(scene))
    back.commit()
    assert silent.result(PATIENCE) == []
    assert scene.one("select stopped from jobcenter.workers") == (None,)


def test_tasks_of_lost_workers_do_not_wait_for_the_archive(
    scene: Scene, database: str, others: Others, tasks: list[tuple[int, str]]
) -> None:
    """Where there is much to move, that takes a while."""
    scene.connection.execute(SILENT.encode(), ["worker"])
    moving = others.begin("lock table jobcenter.jobs_archive")
    with running(database):
        for job, _ in tasks:
            scene.until_state(job, "retrywait", "ready")
        moving.rollback()


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


def listener() -> Definition:
    """Subscribes, and is done when a worker has answered."""
    flow = Flow("listener")
    flow.task(Kind.SUBSCRIBE, in_="op_put(i, 'all', 'name')\nop_put(i, fn_object(), 'mask')")
    flow.task(Kind.CALL, callee="add", in_="op_put(i, 1, 'counter')", on_error=4)
    return flow.definition()


@pytest.mark.usefixtures("never_polls")
@pytest.mark.parametrize(
    "look",
    [
        "select jobcenter.cancel_job(%s)",
        "select jobcenter.retry_job(%s)",
        "select jobcenter.raise_event(jsonb_build_object('job', %s::bigint))",
        "select jobcenter.wake_due(1000) from jobcenter.jobs where job_id = %s",
    ],
)
def test_a_job_that_can_go_on_is_taken_up_though_somebody_had_its_row_for_a_moment(
    scene: Scene, database: str, others: Others, look: str
) -> None:
    """The Maestro has looked in vain, and is told again."""
    scene.deploy(ADD, listener())
    with running(database):
        job = scene.create("listener")
        ((_, cookie, _),) = scene.until(lambda: scene.take("add"))
    if "wake_due" in look:
        holder = others.hold(job)
        scene.all("select jobcenter.raise_event('{}')")
        holder.rollback()
    scene.answer(cookie, {"counter": 2})
    other = others.begin(look, job)
    with running(database):
        scene.until(lambda: scene.all(LOOKED))
        other.commit()
        scene.until_state(job, "finished")


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
