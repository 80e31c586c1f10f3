"""Events on a real database: raised by clients and by jobs, waited for, and kept for later."""

from __future__ import annotations

from typing import Any

import pytest

from jobcenter.artifact import Definition, Input, Kind
from tests.runtime.maestro.conftest import Scene
from tests.runtime.workflows import Flow, action

pytestmark = pytest.mark.usefixtures("maestro")


def listener(timeout: str | None = None) -> Definition:
    """Subscribes, is busy until a worker says so, then waits."""
    flow = Flow("listener")
    flow.task(Kind.SUBSCRIBE, in_="op_put(i, 'e1', 'name')\nop_put(i, op_get(a, 'mask'), 'mask')")
    flow.task(Kind.CALL, callee="busy")
    wait = "op_put(i, fn_array('e1'), 'events')"
    if timeout is not None:
        wait += f"\nop_put(i, {timeout}, 'timeout')"
    flow.task(Kind.WAIT_FOR_EVENT, in_=wait, out="op_put(v, op_get(o, 'event'), 'event')")
    return flow.definition(
        [Input("mask", "object")], end="op_get(v, 'event')\nop_put(o, op_get(v, 'event'), 'event')"
    )


def begin(scene: Scene, mask: dict[str, Any], timeout: str | None = None) -> tuple[int, str]:
    """A job that is busy, and the cookie that ends it."""
    scene.deploy(action("busy"), listener(timeout))
    job = scene.create("listener", mask=mask)
    ((_, cookie, _),) = scene.until(lambda: scene.take("busy"))
    return job, cookie


def speak(scene: Scene, **event: Any) -> int:
    return int(scene.one("select jobcenter.raise_event(%s)", event)[0])


def test_an_event_wakes_who_waits(scene: Scene) -> None:
    job, cookie = begin(scene, {"kind": "x"})
    scene.answer(cookie, {})
    scene.until_state(job, "eventwait")
    assert speak(scene, kind="y") == 0
    assert speak(scene, kind="x", n=1) == 1
    event = scene.result(job)["event"]
    assert (event["name"], event["data"]) == ("e1", {"kind": "x", "n": 1})
    assert event.keys() == {"name", "event_id", "when", "data"}
    assert scene.one("select count(*) from jobcenter.event_subscriptions") == (0,)


def test_events_are_kept_and_taken_in_their_order(scene: Scene) -> None:
    job, cookie = begin(scene, {"kind": "x"})
    assert [speak(scene, kind="x", n=number) for number in (1, 2)] == [1, 1]
    scene.answer(cookie, {})
    assert scene.result(job)["event"]["data"] == {"kind": "x", "n": 1}
    assert scene.one("select count(*) from jobcenter.queued_events") == (0,)


def test_a_wait_that_is_too_long(scene: Scene) -> None:
    job, cookie = begin(scene, {"kind": "x"}, "0.05")
    scene.answer(cookie, {})
    assert scene.result(job)["event"]["name"] == "timeout"


def test_a_wait_without_a_subscription(scene: Scene) -> None:
    flow = Flow("deaf")
    flow.task(Kind.SUBSCRIBE, in_="op_put(i, 'e1', 'name')")
    flow.task(Kind.UNSUBSCRIBE, in_="op_put(i, 'e1', 'name')")
    flow.task(Kind.WAIT_FOR_EVENT, in_="op_put(i, fn_array('e1'), 'events')")
    scene.deploy(flow.definition())
    assert scene.run("deaf")["error"]["msg"] == 'wait_for_event without a subscription "e1"'


def test_a_job_hears_itself_and_others(scene: Scene) -> None:
    flow = Flow("talks")
    mask = "fn_object('talk', 1)"
    flow.task(Kind.SUBSCRIBE, in_=f"op_put(i, 'own', 'name')\nop_put(i, {mask}, 'mask')")
    flow.task(Kind.RAISE_EVENT, in_=f"op_put(i, {mask}, 'event')")
    flow.task(
        Kind.WAIT_FOR_EVENT,
        in_="op_put(i, fn_array('own'), 'events')",
        out="op_put(v, op_get(o, 'event', 'data'), 'heard')",
    )
    scene.deploy(flow.definition(end="op_copy_all(v, o)"))
    assert scene.run("talks") == {"heard": {"talk": 1}}
