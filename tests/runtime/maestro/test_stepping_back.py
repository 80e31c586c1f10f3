"""Several Maestros at rest: one takes what comes, the others step back, and are there when they are needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from jobcenter.aside import Aside
from jobcenter.database import connect_async
from jobcenter.engine import Results
from jobcenter.executor import InlineExecutor
from jobcenter.lane import LONG, Lane
from jobcenter.stepping_back import FIRST, StepBack
from jobcenter.wire import Wire
from tests.runtime.maestro.conftest import PATIENCE, Others, Scene, running
from tests.runtime.workflows import counting


def test_a_lane_steps_back_while_it_looks_in_vain(database: str, scene: Scene) -> None:
    scene.deploy(counting())

    async def look() -> list[float]:
        lane = Lane(InlineExecutor(), 500, lambda due: None, Aside())
        waits = []
        async with Wire(await connect_async(database)) as wire:
            for _ in range(8):
                await lane.turn(wire, lambda: False)
                waits.append(lane.step_back.seconds / FIRST)
            for _ in range(6):
                scene.create("counting")
                await lane.turn(wire, lambda: False)
                waits.append(lane.step_back.seconds / FIRST)
        return waits

    assert asyncio.run(look()) == [0, 1, 2, 4, 8, 16, 16, 16, 8, 4, 2, 1, 0, 0]


class LongExecutor(InlineExecutor):
    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        await asyncio.sleep(2 * LONG)
        return await super().run(batch, workflows, time)


def test_after_a_batch_that_took_long_others_come_first(
    database: str, scene: Scene, others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next jobs are not claimed together with its commit."""
    monkeypatch.setattr("jobcenter.lane.BREATH", 1000.0)
    scene.deploy(counting())
    first, second = scene.create("counting"), scene.create("counting")

    async def work() -> None:
        lane = Lane(LongExecutor(), 1, lambda due: None, Aside())
        async with Wire(await connect_async(database)) as wire:
            turn = asyncio.create_task(lane.turn(wire, lambda: True))
            await asyncio.to_thread(scene.until_state, first, "finished")
            waiting = asyncio.wrap_future(others.hold_next(second))
            await asyncio.wait_for(waiting, PATIENCE)
            assert not turn.done()
            turn.cancel()

    asyncio.run(work())


def test_quiet_is_no_reason_to_step_back() -> None:
    pace = StepBack()
    for _ in range(5):
        pace.looked(found=False)
    assert pace.seconds > 0
    pace.reset()
    assert pace.seconds == 0
    pace.looked(found=False)
    assert pace.seconds == 0


def test_who_stepped_back_takes_over(database: str, scene: Scene) -> None:
    """One job after the other, until one of two Maestros has long stepped back; then the other one ends, whichever that is."""
    scene.deploy(counting())
    with running(database):
        with running(database):
            for _ in range(30):
                assert scene.run("counting")
        for _ in range(5):
            assert scene.run("counting")
    with running(database):
        assert scene.run("counting")
