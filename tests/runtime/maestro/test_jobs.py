"""Jobs from their creation to their end, on a real database: what the kinds of tasks do there."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg
import pytest

from jobcenter.artifact import Branch, Definition, Input, Kind, Output
from tests.runtime.maestro.conftest import Scene, working
from tests.runtime.workflows import ADD, Flow, action, calltest, counting

pytestmark = pytest.mark.usefixtures("maestro")


def adder(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"counter": inputs["counter"] + inputs["step"]}


def leaf(name: str = "leaf") -> Definition:
    return Flow(name).definition([Input("n", "number")], end="op_put(o, op_get(a, 'n'), 'n')")


def failing() -> Definition:
    flow = Flow("failing")
    flow.task(Kind.RAISE_ERROR, message="'broken'")
    return flow.definition()


def sleeper(seconds: str = "1000") -> Definition:
    flow = Flow("sleeper")
    flow.task(Kind.SLEEP, value=seconds)
    return flow.definition()


def test_the_seeds_calltest(scene: Scene, database: str) -> None:
    scene.deploy(ADD, calltest())
    job = scene.create("calltest", input=123)
    scene.until_state(job, "ready")
    with working(database, add=adder):
        assert scene.result(job) == {"output": 126}
    assert scene.state(job) == "finished"
    assert scene.log(job) == [
        (1, None, None, None, None),
        (2, {"thing": 126}, {"step": 3, "counter": 123}, {"counter": 126}, None),
        (3, None, None, {"output": 126}, None),
    ]


@pytest.mark.parametrize(
    ("definition", "end"),
    [(leaf(), {"n": 1}), (failing(), {"error": {"msg": "broken", "class": "normal"}})],
)
def test_a_caller_is_told_of_the_end_of_its_job(
    scene: Scene, database: str, definition: Definition, end: dict[str, Any]
) -> None:
    caller = uuid.uuid4()
    scene.deploy(definition)
    with psycopg.connect(database, autocommit=True) as listening:
        listening.execute(f'listen "caller:{caller}"'.encode())
        (job,) = scene.one(
            "select o_job_id from jobcenter.create_job(%s, '{\"n\": 1}', caller => %s)",
            definition.name,
            caller,
        )
        (told,) = listening.notifies(timeout=10, stop_after=1)
    number, _, output = told.payload.partition(" ")
    assert int(number) == job
    assert json.loads(output) == scene.result(job) == end


def times(scene: Scene, job: int) -> list[tuple[Any, ...]]:
    return scene.all(
        "select task_id, task_entered, task_completed from jobcenter.job_task_log where job_id = %s order by job_log_id, step",
        job,
    )


def test_the_start_of_a_waiting_job_is_in_its_log(scene: Scene) -> None:
    """Though its row is written with the next one."""
    retry = {"retry": {"tries": 2, "interval": "0.01 seconds"}}
    flow = Flow("tries")
    flow.task(Kind.CALL, callee="wobbly")
    scene.deploy(action("wobbly", config=retry), flow.definition())
    job = scene.create("tries")
    ((_, cookie, _),) = scene.until(lambda: scene.take("wobbly"))
    (created, called) = scene.one("select job_created, task_entered from jobcenter.jobs")
    assert times(scene, job) == [(1, created, called)]
    scene.answer(cookie, {"error": {"class": "soft", "msg": "not now"}})
    ((_, cookie, _),) = scene.until(lambda: scene.take("wobbly"))
    assert times(scene, job) == [(1, created, called)]
    scene.answer(cookie, {})
    scene.result(job)
    start, call, _ = times(scene, job)
    assert start == (1, created, called)
    assert call[1] > called


def test_the_start_that_waits_for_a_lock(scene: Scene) -> None:
    holder, waiting = Flow("holder"), Flow("waiting")
    for flow in (holder, waiting):
        flow.lock("zone", "'a'")
        flow.task(Kind.CALL, callee="slow")
    scene.deploy(action("slow"), holder.definition(), waiting.definition())
    first = scene.create("holder")
    scene.until_state(first, "ready")
    second = scene.create("waiting")
    scene.until_state(second, "lockwait")
    assert times(scene, second) == []
    for job in (first, second):
        ((_, cookie, _),) = scene.until(lambda: scene.take("slow"))
        assert [task for task, *_ in times(scene, job)] == [1]
        scene.answer(cookie, {})
        scene.result(job)
        assert [task for task, *_ in times(scene, job)] == [1, 2, 3]


def test_a_start_that_fails_is_told_once(scene: Scene) -> None:
    flow = Flow("odd")
    flow.lock("zone", "{}")
    scene.deploy(flow.definition())
    job = scene.create("odd")
    assert "error" in scene.result(job)
    assert [entry[0] for entry in scene.log(job)] == [1]


def test_a_loop_runs_in_one_go(scene: Scene) -> None:
    scene.deploy(counting(turns=40))
    job = scene.create("counting")
    assert scene.result(job) == {"n": 40}
    assert scene.one("select stepcounter from jobcenter.jobs where job_id = %s", job) == (83,)
    assert scene.one("select count(*) from jobcenter.job_log where job_id = %s", job) == (1,)
    assert len(scene.log(job)) == 83


def test_a_call_with_bad_arguments_is_an_error_of_its_task(scene: Scene) -> None:
    flow = Flow("bad")
    flow.task(Kind.CALL, callee="add", in_="op_put(i, 'x', 'counter')", on_error=3)
    scene.deploy(ADD, flow.definition(end="op_put(o, op_get(e, '_error'), 'seen')"))
    message = 'input argument "counter" has wrong type string (should be number)'
    assert scene.run("bad") == {"seen": {"class": "type", "msg": message}}


def test_defaults_of_an_action_are_filled_in(scene: Scene) -> None:
    flow = Flow("short")
    flow.task(Kind.CALL, callee="add", in_="op_put(i, 1, 'counter')")
    scene.deploy(ADD, flow.definition())
    scene.until_state(scene.create("short"), "ready")
    (task,) = scene.take("add")
    assert task[2] == {"counter": 1, "step": 1}


def test_named_output_types_are_checked(scene: Scene) -> None:
    flow = Flow("typed")
    scene.connection.execute(
        'insert into jobcenter.json_schemas (type, schema) values (\'pair\', \'{"type": "array", "minItems": 2}\')'
    )
    scene.deploy(
        flow.definition([Input("x", "any")], [Output("x", "pair")], end="op_copy_all(a, o)")
    )
    assert scene.run("typed", x=[1, 2]) == {"x": [1, 2]}
    failed = scene.run("typed", x=[1])
    assert failed == {"error": {"class": "type", "msg": 'output argument "x" has 1 items'}}


def test_sleep(scene: Scene) -> None:
    scene.deploy(sleeper("0.05"))
    assert scene.run("sleeper") == {}


@pytest.mark.parametrize("duration", ["'garbage'", "'1 fortnight of sundays'", "'3.5.7'"])
def test_a_sleep_that_is_no_interval_is_an_error_of_the_job(scene: Scene, duration: str) -> None:
    scene.deploy(sleeper(duration))
    assert scene.run("sleeper")["error"]["class"] == "normal"


def parent(*branches: Branch, flow: Flow) -> Definition:
    flow.task(Kind.SPLIT, branches=branches, on_error=3)
    return flow.definition(end="op_copy_all(v, o)\nop_put(o, op_get(e, '_error'), 'failed')")


def test_call_of_a_workflow(scene: Scene) -> None:
    flow = Flow("parent")
    flow.task(
        Kind.CALL, callee="leaf", callee_kind="workflow",
        in_="op_put(i, 7, 'n')", out="op_put(v, op_get(o, 'n'), 'got')",
    )  # fmt: skip
    scene.deploy(leaf(), flow.definition(end="op_copy_all(v, o)"))
    assert scene.run("parent") == {"got": 7}
    assert scene.all("select state, parenttask_id from jobcenter.jobs order by job_id") == [
        ("finished", None), ("finished", 2),
    ]  # fmt: skip


def mapping(name: str = "parent") -> Definition:
    flow = Flow(name)
    first = flow.branch("leaf", in_="op_put(i, 100, 'n')", out="op_put(v, op_get(o, 'n'), 'first')")
    each = flow.branch(
        "leaf", each=True, value="op_get(a, 'list')",
        in_="op_put(i, op_get(e, '_v'), 'n')",
        out="op_put(v, op_append(op_get(v, 'all'), op_get(o, 'n')), 'all')",
    )  # fmt: skip
    return parent(first, each, flow=flow)


def test_split_and_map_collect_in_order(scene: Scene) -> None:
    scene.deploy(leaf(), mapping())
    numbers = list(range(100))
    assert scene.run("parent", list=numbers) == {"first": 100, "all": numbers, "failed": None}
    assert scene.one("select count(*) from jobcenter.jobs where state <> 'finished'") == (0,)


def test_a_child_that_cannot_be_started_is_an_error_of_the_split_and_starts_none(
    scene: Scene,
) -> None:
    scene.deploy(leaf(), mapping())
    failed = scene.run("parent", list=[1, "x"])["failed"]
    assert failed == {
        "class": "type",
        "msg": 'input argument "n" has wrong type string (should be number)',
    }
    assert scene.one("select count(*) from jobcenter.jobs") == (1,)


def test_a_childs_error_aborts_the_others_and_carries_the_childs(scene: Scene) -> None:
    flow = Flow("parent")
    branches = [flow.branch("sleeper"), flow.branch("nested"), flow.branch("failing")]
    nested = Flow("nested")
    nested.task(Kind.CALL, callee="sleeper", callee_kind="workflow")
    scene.deploy(sleeper(), nested.definition(), failing(), parent(*branches, flow=flow))
    failed = scene.run("parent")["failed"]
    assert failed["class"] == "childerror"
    assert failed["error"] == {"class": "normal", "msg": "broken"}
    states = scene.all(
        "select state, out_args -> 'error' ->> 'class' from jobcenter.jobs order by job_id"
    )
    assert states == [
        ("finished", None), ("error", "abort"), ("error", "abort"), ("error", "normal"), ("error", "abort"),
    ]  # fmt: skip


def test_an_aborted_child_may_catch_it_and_the_parent_waits_for_it(scene: Scene) -> None:
    tidy = Flow("tidy")
    tidy.task(Kind.SLEEP, value="1000", on_error=3)
    tidy.task(Kind.SLEEP, value="0.05")
    flow = Flow("parent")
    branches = [flow.branch("tidy"), flow.branch("failing")]
    scene.deploy(
        tidy.definition(end="op_put(o, op_get(e, '_error', 'class'), 'seen')"),
        failing(),
        parent(*branches, flow=flow),
    )
    assert scene.run("parent")["failed"]["error"]["msg"] == "broken"
    assert scene.one("select state, out_args from jobcenter.jobs where job_id = 2") == (
        "finished",
        {"seen": "abort"},
    )


@pytest.mark.parametrize("held", [False, True])
def test_an_aborted_child_that_tidies_up_is_not_aborted_once_more(
    scene: Scene, database: str, held: bool
) -> None:
    """Neither when another one ends with its abort, nor when one is aborted later, since somebody held its row."""
    tidy, late, flow = Flow("tidy"), Flow("late"), Flow("parent")
    tidy.task(Kind.SLEEP, value="1000", on_error=3)
    tidy.task(Kind.CALL, callee="tidy_up")
    late.task(Kind.CALL, callee="go")
    late.task(Kind.RAISE_ERROR, message="'broken'")
    branches = [flow.branch(name) for name in ("tidy", "sleeper", "late")]
    scene.deploy(action("tidy_up"), action("go"), tidy.definition(), sleeper(), late.definition())
    scene.deploy(parent(*branches, flow=flow))
    job = scene.create("parent")
    scene.until_state(job + 2, "sleeping")
    scene.until_state(job + 1, "sleeping")
    with psycopg.connect(database) as other:
        if held:
            other.execute("select from jobcenter.jobs where job_id = %s for update", (job + 2,))
        ((_, cookie, _),) = scene.until(lambda: scene.take("go"))
        scene.answer(cookie, {})
        ((_, cookie, _),) = scene.until(lambda: scene.take("tidy_up"))
    scene.until_state(job + 2, "zombie")
    scene.answer(cookie, {})
    assert scene.result(job)["failed"]["error"]["msg"] == "broken"
    assert scene.state(job + 1) == "finished"


def test_a_cancelled_parents_child_that_tidies_up_is_not_aborted_once_more(scene: Scene) -> None:
    tidy, flow = Flow("tidy"), Flow("parent")
    tidy.task(Kind.SLEEP, value="1000", on_error=3)
    tidy.task(Kind.CALL, callee="tidy_up")
    branches = [flow.branch(name) for name in ("tidy", "sleeper")]
    scene.deploy(action("tidy_up"), tidy.definition(), sleeper(), parent(*branches, flow=flow))
    job = scene.create("parent")
    scene.until_state(job + 2, "sleeping")
    scene.all("select jobcenter.cancel_job(%s, 'enough')", job)
    ((_, cookie, _),) = scene.until(lambda: scene.take("tidy_up"))
    scene.until_state(job + 2, "zombie")
    scene.answer(cookie, {})
    assert scene.result(job)["failed"]["msg"] == "enough"
    assert scene.state(job + 1) == "finished"


def test_detach(scene: Scene) -> None:
    flow = Flow("parent")
    flow.task(Kind.DETACH, callee="sleeper", callee_kind="workflow")
    flow.task(Kind.DETACH, callee="leaf", callee_kind="workflow", on_error=4)
    scene.deploy(
        sleeper("0.05"),
        leaf(),
        flow.definition(end="op_put(o, op_get(e, '_error', 'class'), 'seen')"),
    )
    assert scene.run("parent") == {"seen": "type"}
    assert scene.result(2) == {}


def test_interface_call(scene: Scene) -> None:
    flow = Flow("chooses")
    flow.task(
        Kind.INTERFACE_CALL, value="op_case(op_get(a, 'which'))",
        branches=[flow.branch("leaf"), flow.branch("add", "action")],
        in_="op_put(i, 7, 'n')", out="op_put(v, op_get(o, 'n'), 'got')",
    )  # fmt: skip
    scene.deploy(leaf(), ADD, flow.definition(end="op_copy_all(v, o)"))
    assert scene.run("chooses", which="leaf") == {"got": 7}
    assert "not found" in scene.run("chooses", which="add")["error"]["msg"]
    assert "not a destination" in scene.run("chooses", which="other")["error"]["msg"]


def procedure(name: str) -> Definition:
    return Definition(
        kind="procedure", name=name, source="", path=f"{name}.ac", inputs=(Input("n", "number"),)
    )


def calls_procedure(name: str) -> Definition:
    flow = Flow(f"calls_{name}")
    flow.task(
        Kind.CALL, callee=name, callee_kind="procedure",
        in_="op_copy_all(a, i)", out="op_copy_all(o, v)", on_error=3,
    )  # fmt: skip
    return flow.definition(end="op_copy_all(v, o)\nop_put(o, op_get(e, '_error', 'msg'), 'failed')")


def test_procedures_run_in_the_transaction_and_their_failure_is_their_jobs(scene: Scene) -> None:
    scene.connection.execute(
        "create table public.seen (n integer check (n < 10));"
        "create function public.half(a jsonb) returns jsonb language plpgsql as $$ begin"
        " insert into public.seen values ((a ->> 'n')::integer);"
        " return jsonb_build_object('half', (a ->> 'n')::numeric / 2); end $$"
    )
    scene.deploy(procedure("half"), calls_procedure("half"))
    jobs = [scene.create("calls_half", n=n) for n in (8, 100, 9)]
    good, bad, also_good = (scene.result(job) for job in jobs)
    assert (good, also_good) == ({"half": 4, "failed": None}, {"half": 4.5, "failed": None})
    assert "violates check constraint" in bad["failed"]
    assert scene.all("select n from public.seen order by n") == [(8,), (9,)]
    assert "required input" in scene.run("calls_half")["failed"]


def test_a_procedure_cancels_a_job_of_its_own_batch(scene: Scene) -> None:
    """That one goes to sleep in the same transaction, and is woken."""
    scene.connection.execute(
        "create function public.stop(a jsonb) returns jsonb language sql as"
        " $$ select jsonb_build_object('stopped', jobcenter.cancel_job((a ->> 'n')::bigint, 'enough')) $$"
    )
    scene.deploy(procedure("stop"), calls_procedure("stop"), sleeper())
    with scene.connection.transaction():
        job = scene.create("sleeper")
        stopping = scene.create("calls_stop", n=job)
    assert scene.result(stopping)["stopped"] is True
    assert scene.result(job)["error"] == {"class": "abort", "msg": "enough"}


def test_a_procedure_cancels_by_force_what_was_cancelled_before(scene: Scene) -> None:
    """That one catches the first cancel in the same transaction, and would sleep on."""
    scene.connection.execute(
        "create function public.stop(a jsonb) returns jsonb language sql as"
        " $$ select jsonb_build_object('stopped', jobcenter.cancel_job((a ->> 'n')::bigint, 'enough', true)) $$"
    )
    stubborn = Flow("stubborn")
    stubborn.task(Kind.SLEEP, value="1000", on_error=3)
    stubborn.task(Kind.SLEEP, value="1000")
    scene.deploy(procedure("stop"), calls_procedure("stop"), stubborn.definition())
    with scene.connection.transaction():
        job = scene.create("stubborn")
        scene.all("select jobcenter.cancel_job(%s, 'please')", job)
        scene.create("calls_stop", n=job)
    assert scene.result(job)["error"] == {"class": "fatal", "msg": "enough"}


def test_a_procedure_cannot_ask_for_another_try(scene: Scene) -> None:
    """A policy in its error would be followed, as if a worker were waited for; nothing would ever wake the job."""
    scene.connection.execute(
        "create function public.soft(a jsonb) returns jsonb language sql as $$ select"
        """ '{"error": {"class": "soft", "msg": "later", "retry": {"tries": 3, "interval": "0"}}}'::jsonb $$"""
    )
    scene.deploy(procedure("soft"), calls_procedure("soft"))
    assert scene.run("calls_soft", n=1) == {"failed": "later"}


@pytest.mark.parametrize("code", ["40P01", "40001"])
def test_a_procedure_that_met_a_deadlock_is_run_again(scene: Scene, code: str) -> None:
    """What had to do with others is no error of the job; but not without end."""
    scene.connection.execute(
        "create sequence public.attempt;"
        "create table public.seen (n integer);"
        "create function public.clash(a jsonb) returns jsonb language plpgsql as $$ begin"
        " insert into public.seen values ((a ->> 'n')::integer);"
        " if nextval('public.attempt') <= (a ->> 'n')::integer then"
        f"  raise exception 'others were at work' using errcode = '{code}'; end if;"
        " return a; end $$"
    )
    scene.deploy(procedure("clash"), calls_procedure("clash"))
    job = scene.create("calls_clash", n=4)
    assert scene.result(job) == {"n": 4, "failed": None}
    assert scene.all("select n from public.seen") == [(4,)]
    assert [task for task, *_ in scene.log(job)] == [1, 2, 3]
    scene.connection.execute("alter sequence public.attempt restart")
    error = scene.run("calls_clash", n=5)["failed"]
    assert error == "procedure clash has been tried 5 times: others were at work"


def test_a_procedure_in_a_deadlock_with_somebody_else(scene: Scene, database: str) -> None:
    """What another procedure of its batch holds is a part of it: it is let go before the next try."""
    scene.connection.execute(
        "create table public.things (n integer primary key); insert into public.things values (1), (2);"
        "create sequence public.calls;"
        "create function public.take(a jsonb) returns jsonb language plpgsql as $$ begin"
        # Whoever begins to wait last finds the deadlock: that is to be the second call, of the first two.
        " if nextval('public.calls') = 2 then"
        "  while not exists (select from pg_locks where not granted) loop perform pg_sleep(0.01); end loop;"
        " end if;"
        " perform from public.things t where t.n = (a ->> 'n')::integer for update; return a; end $$"
    )
    scene.deploy(procedure("take"), calls_procedure("take"))
    with psycopg.connect(database) as other:
        other.execute("set deadlock_timeout = '1min'")
        other.execute("select from things where n = 2 for update")
        scene.connection.execute("begin")
        jobs = [scene.create("calls_take", n=n) for n in (1, 2)]
        scene.connection.execute("commit")
        scene.until(lambda: scene.one("select last_value from public.calls") == (2,))
        other.execute("select from things where n = 1 for update")
    assert [scene.result(job) for job in jobs] == [{"n": n, "failed": None} for n in (1, 2)]
    assert scene.one("select last_value from public.calls") == (3,)


@pytest.mark.parametrize(
    "name", ["not.there", "claim_jobs", "x(jsonb); drop table jobcenter.jobs; --"]
)
def test_a_procedure_that_is_not_there(scene: Scene, name: str) -> None:
    scene.deploy(procedure(name), calls_procedure(name))
    assert "is not there" in scene.run(f"calls_{name}", n=1)["failed"]


def test_soft_errors_are_tried_again(scene: Scene) -> None:
    retry = {"retry": {"tries": 3, "interval": "0.01 seconds"}}
    flow = Flow("tries")
    flow.task(Kind.CALL, callee="wobbly", in_="op_put(i, 1, 'n')", on_error=3)
    scene.deploy(
        action("wobbly", config=retry, n="number"),
        flow.definition(end="op_put(o, op_get(e, '_error'), 'seen')"),
    )
    job = scene.create("tries")
    for attempt in range(3):
        ((_, cookie, inputs),) = scene.until(lambda: scene.take("wobbly"))
        assert inputs == {"n": 1}
        scene.answer(cookie, {"error": {"class": "soft", "msg": f"attempt {attempt}"}})
    assert scene.result(job) == {"seen": {"class": "soft", "msg": "attempt 2", "tries": 3}}


def test_a_soft_error_without_a_policy_is_an_error_at_once(scene: Scene) -> None:
    scene.deploy(ADD, calltest())
    job = scene.create("calltest", input=1)
    ((_, cookie, _),) = scene.until(lambda: scene.take("add"))
    scene.answer(cookie, {"error": {"class": "soft", "msg": "not now"}})
    assert scene.result(job)["error"]["class"] == "soft"


def test_the_timeout_of_an_action(scene: Scene) -> None:
    flow = Flow("hurries")
    flow.task(Kind.CALL, callee="slow", on_error=3)
    scene.deploy(
        action("slow", config={"timeout": "0.05 seconds"}),
        flow.definition(end="op_put(o, op_get(e, '_error'), 'seen')"),
    )
    job = scene.create("hurries")
    ((_, cookie, _),) = scene.until(lambda: scene.take("slow"))
    assert scene.result(job)["seen"]["class"] == "timeout"
    (receipt,) = scene.all("select o_receipt from jobcenter.tasks_done(%s, '[{}]')", [cookie])
    assert receipt == ("late",)


def test_cancel_of_a_waiting_parent_aborts_its_children(scene: Scene) -> None:
    flow = Flow("parent")
    scene.deploy(sleeper(), parent(flow.branch("sleeper"), flow.branch("sleeper"), flow=flow))
    job = scene.create("parent")
    scene.until_state(3, "sleeping")
    scene.all("select jobcenter.cancel_job(%s, 'enough')", job)
    assert scene.result(job)["failed"] == {"class": "abort", "msg": "enough"}
    assert scene.all("select state from jobcenter.jobs where job_id > 1") == [
        ("error",),
        ("error",),
    ]
