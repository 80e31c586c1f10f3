"""Locks on a real database: taken in turn, lent to children, never in a circle."""

from __future__ import annotations

from typing import Any

import pytest

from jobcenter.artifact import Definition, Input, Kind
from tests.runtime.maestro.conftest import Scene, running
from tests.runtime.workflows import Flow, action

pytestmark = pytest.mark.usefixtures("maestro")


def holding(name: str = "holding") -> Definition:
    """Takes the locks of its list, one after the other; before each, a worker must say so."""
    flow = Flow(name)
    flow.lock("zone", None, manual=True)
    flow.task(
        Kind.BRANCH,
        value="op_lt(op_get(v, 'n'), fn_length(op_get(a, 'locks')))",
        edges={"true": 3, "false": 6},
    )
    flow.task(Kind.CALL, callee="go", in_="op_put(i, op_get(a, 'who'), 'who')")
    flow.task(
        Kind.LOCK,
        lock_type="zone",
        value="op_get(a, 'locks', op_add(op_get(v, 'n'), 0))",
        on_error=6,
    )
    flow.task(Kind.EVAL, eval="op_put(v, op_add(op_get(v, 'n'), 1), 'n')", next=2)
    flow.task(Kind.CALL, callee="go", in_="op_put(i, op_get(a, 'who'), 'who')")
    return flow.definition(
        [Input("who", "string"), Input("locks", "array")],
        end="op_put(o, op_get(e, '_error'), 'error_seen')",
    )


class Holders:
    """Jobs of `holding`, each of which goes on when it is told to."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.cookies: dict[int, str] = {}
        scene.deploy(action("go", who="string"), holding())

    def start(self, *locks: str) -> int:
        return self.scene.create("holding", who="x", locks=list(locks))

    def go(self, job: int) -> None:
        """Lets the job take its next step."""

        def taken() -> bool:
            self.cookies |= {job: cookie for job, cookie, _ in self.scene.take("go")}
            return job in self.cookies

        self.scene.until(taken)
        self.scene.answer(self.cookies.pop(job), {})

    def holds(self, job: int, value: str) -> bool:
        query = "select exists (select from jobcenter.locks where job_id = %s and lockvalue = %s)"
        return bool(self.scene.one(query, job, value)[0])

    def take(self, job: int, value: str) -> None:
        self.go(job)
        self.scene.until(lambda: self.holds(job, value))

    def want(self, job: int) -> None:
        self.go(job)
        self.scene.until_state(job, "lockwait")


def test_a_lock_goes_to_those_who_wait_in_their_order(scene: Scene) -> None:
    holders = Holders(scene)
    first, second, third = (holders.start("a") for _ in range(3))
    holders.take(first, "a")
    holders.want(third)
    holders.want(second)
    holders.go(first)
    scene.until(lambda: holders.holds(third, "a"))
    assert scene.state(second) == "lockwait"
    holders.go(third)
    scene.until(lambda: holders.holds(second, "a"))
    holders.go(second)
    scene.result(second)
    assert scene.one("select count(*) from jobcenter.locks") == (0,)
    assert scene.one("select count(*) from jobcenter.lock_waits") == (0,)


def test_a_deadlock_of_three_is_an_error_of_the_one_that_closes_it(scene: Scene) -> None:
    holders = Holders(scene)
    jobs = [holders.start(*locks) for locks in ("ab", "bc", "ca")]
    for job, value in zip(jobs, "abc", strict=True):
        holders.take(job, value)
    holders.want(jobs[0])
    holders.want(jobs[1])
    holders.go(jobs[2])
    holders.go(jobs[2])
    seen = scene.result(jobs[2])["error_seen"]
    assert seen["class"] == "lock"
    assert seen["msg"] == (
        f'deadlock: job {jobs[2]} waits for lock zone "a" of job {jobs[0]},'
        f' which waits for lock zone "b" of job {jobs[1]}, which waits for lock zone "c" of job {jobs[2]}'
    )
    holders.go(jobs[1])
    holders.go(jobs[0])
    assert [scene.result(job) for job in jobs[:2]] == [{"error_seen": None}] * 2


def test_a_cancelled_waiter_is_passed_over(scene: Scene) -> None:
    holders = Holders(scene)
    first, second, third = (holders.start("a") for _ in range(3))
    holders.take(first, "a")
    holders.want(second)
    holders.want(third)
    scene.all("select jobcenter.cancel_job(%s)", second)
    holders.go(first)
    scene.until(lambda: holders.holds(third, "a"))
    holders.go(second)
    assert scene.result(second)["error_seen"]["class"] == "abort"


def lender(*, inherit: bool) -> Definition:
    flow = Flow("lender")
    flow.lock("zone", "op_get(a, 'zone')", inherit=inherit)
    child = "op_put(i, 'child', 'who')\nop_put(i, fn_array(op_get(a, 'zone')), 'locks')"
    branches = [flow.branch("holding", in_=child), flow.branch("holding", in_=child)]
    flow.task(Kind.SPLIT, branches=branches)
    flow.task(Kind.LOCK, lock_type="zone", value="op_get(a, 'zone')")
    return flow.definition([Input("zone", "string")])


def test_children_borrow_what_is_lent_one_after_the_other_and_it_goes_back(scene: Scene) -> None:
    holders = Holders(scene)
    scene.deploy(lender(inherit=True))
    root = scene.create("lender", zone="a")
    scene.until(
        lambda: scene.one("select count(*) from jobcenter.jobs where state = 'ready'") == (2,)
    )
    outsider = holders.start("a")
    holders.want(outsider)
    one, two = root + 1, root + 2
    holders.take(one, "a")
    assert scene.all("select job_id, depth from jobcenter.locks order by depth") == [
        (root, 0),
        (one, 1),
    ]
    holders.want(two)
    holders.go(one)
    scene.until(lambda: holders.holds(two, "a"))
    holders.go(two)
    assert scene.result(root) == {}
    scene.until(lambda: holders.holds(outsider, "a"))


def test_a_child_that_wants_what_its_parent_does_not_lend_is_a_deadlock(scene: Scene) -> None:
    holders = Holders(scene)
    scene.deploy(lender(inherit=False))
    root = scene.create("lender", zone="a")
    holders.go(root + 1)
    holders.go(root + 1)
    seen = scene.result(root + 1)["error_seen"]
    assert seen["msg"].endswith(f"which waits for its child {root + 1}")


def test_a_circle_that_two_children_close_in_one_batch_is_found(scene: Scene) -> None:
    """Each wants what the parent of the other holds, and begins to wait in the same transaction."""
    wanting = Flow("wanting")
    wanting.lock("zone", None, manual=True)
    wanting.task(Kind.LOCK, lock_type="zone", value="op_get(a, 'zone')")
    crossing = Flow("crossing")
    crossing.lock("zone", "op_get(a, 'own')")
    branch = crossing.branch("wanting", in_="op_put(i, op_get(a, 'other'), 'zone')")
    crossing.task(Kind.SPLIT, branches=[branch])
    scene.deploy(
        wanting.definition([Input("zone", "string")]),
        crossing.definition([Input("own", "string"), Input("other", "string")]),
    )
    with scene.connection.transaction():
        jobs = [scene.create("crossing", own=own, other=other) for own, other in ("ab", "ba")]
    outs = [scene.result(job) for job in jobs]
    assert outs.count({}) == 1
    (failed,) = (out["error"] for out in outs if out)
    assert failed["class"] == "childerror"
    assert failed["msg"].startswith("deadlock: ")


def test_a_lock_that_will_go_back_to_its_lender_is_waited_for_until_then(scene: Scene) -> None:
    """One waits for a lock that a child has borrowed; the child's brother waits for the one, and so does their parent, the lender."""
    holders = Holders(scene)
    flow = Flow("lends")
    flow.lock("zone", "'a'", inherit=True)
    flow.task(
        Kind.SPLIT,
        branches=[
            flow.branch(
                "holding", in_=f"op_put(i, 'child', 'who')\nop_put(i, fn_array({lock!r}), 'locks')"
            )
            for lock in "am"
        ],
    )
    scene.deploy(flow.definition())
    outsider = holders.start("m", "a")
    holders.take(outsider, "m")
    root = scene.create("lends")
    borrower, brother = root + 1, root + 2
    holders.take(borrower, "a")
    holders.want(outsider)
    holders.go(brother)
    holders.go(brother)
    seen = scene.result(brother)["error_seen"]
    assert seen["msg"].startswith(
        f'deadlock: job {brother} waits for lock zone "m" of job {outsider}, '
    )
    assert seen["msg"].endswith(f'lock zone "a" of job {root}, which waits for its child {brother}')
    holders.go(borrower)
    assert scene.result(root) == {}
    scene.until(lambda: holders.holds(outsider, "a"))


def impatient(wait: str) -> Definition:
    flow = Flow("impatient")
    flow.task(
        Kind.WAIT_FOR_LOCK,
        lock_type="zone",
        on_error=3,
        in_=f"op_put(i, 'a', 'value')\nop_put(i, {wait}, 'wait')",
    )
    return flow.definition(end="op_put(o, op_get(e, '_error'), 'error_seen')")


@pytest.mark.parametrize("wait", ["'no'", "0.05", "'50 milliseconds'"])
def test_wait_for_lock_has_little_patience(scene: Scene, wait: str) -> None:
    holders = Holders(scene)
    scene.deploy(impatient(wait))
    first = holders.start("a")
    holders.take(first, "a")
    assert scene.run("impatient")["error_seen"]["class"] == "lock"
    assert scene.one("select count(*) from jobcenter.lock_waits") == (0,)


def test_a_patience_that_is_no_duration_leaves_no_place_in_the_queue(scene: Scene) -> None:
    """The job would have two at its next wait."""
    holders = Holders(scene)
    flow = Flow("impatient")
    flow.lock("zone", None, manual=True)
    wait = "op_put(i, 'a', 'value')\nop_put(i, 'for ages', 'wait')"
    flow.task(Kind.WAIT_FOR_LOCK, lock_type="zone", on_error=3, in_=wait)
    flow.task(Kind.LOCK, lock_type="zone", value="'b'")
    scene.deploy(flow.definition(end="op_put(o, op_get(e, '_error', 'msg'), 'seen')"))
    first, second = holders.start("a"), holders.start("b")
    holders.take(first, "a")
    holders.take(second, "b")
    job = scene.create("impatient")
    scene.until_state(job, "lockwait", "error")
    holders.go(second)
    assert "for ages" in scene.result(job)["seen"]


def test_unlock(scene: Scene) -> None:
    flow = Flow("polite")
    flow.lock("zone", "'a'", manual=True)
    flow.lock("host", "'h'")
    flow.task(Kind.UNLOCK, lock_type="zone", value="'a'")
    flow.task(Kind.UNLOCK, lock_type="zone", value="'a'", on_error=4)
    flow.task(Kind.SLEEP, value="1000")
    scene.deploy(flow.definition())
    job = scene.create("polite")
    scene.until_state(job, "sleeping")
    assert scene.all("select locktype from jobcenter.locks") == [("host",)]
    (error,) = [entry[4] for entry in scene.log(job) if entry[4]]
    assert error == {"class": "lock", "msg": 'this job does not hold lock zone "a"'}


def test_a_storm_of_locks_in_any_order_leaves_nobody_behind(scene: Scene, database: str) -> None:
    flow = Flow("storm", max_steps=100_000)
    for place in range(3):
        flow.task(Kind.LOCK, lock_type="zone", value=f"op_get(a, 'order', {place})", on_error=5)
    flow.task(Kind.SLEEP, value="0.002")
    scene.deploy(
        flow.definition(
            [Input("order", "array")], end="op_put(o, op_get(e, '_error', 'class'), 'class')"
        )
    )
    orders = [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"], ["a", "c", "b"]]
    with running(database, executors=2, batch=3), running(database, batch=7):
        jobs = [scene.create("storm", order=orders[number % 4]) for number in range(60)]
        results: list[Any] = [scene.result(job) for job in jobs]
    classes = {result["class"] for result in results}
    assert classes <= {None, "lock"}
    assert None in classes
    assert scene.one("select count(*) from jobcenter.locks") == (0,)
