"""Jobs of several kinds under way, what is to come of them, and Maestros in processes of their own that can be killed."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jobcenter.artifact import Definition, Input, Kind
from tests.runtime.maestro.conftest import Scene
from tests.runtime.workflows import ADD, Flow, calltest, counting


def adder(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"counter": inputs["counter"] + inputs["step"]}


def family() -> list[Definition]:
    """A map of children, each of which sleeps a moment and calls add."""
    child = Flow("child")
    child.task(Kind.SLEEP, value="0.01")
    child.task(
        Kind.CALL, callee="add", in_="op_put(i, op_get(a, 'n'), 'counter')",
        out="op_put(v, op_get(o, 'counter'), 'n')",
    )  # fmt: skip
    flow = Flow("family")
    flow.lock("zone", "'shared'")
    each = flow.branch(
        "child", each=True, value="fn_range(0, 3)", in_="op_put(i, op_get(e, '_v'), 'n')",
        out="op_put(v, op_append(op_get(v, 'all'), op_get(o, 'n')), 'all')",
    )  # fmt: skip
    flow.task(Kind.SPLIT, branches=[each])
    return [
        child.definition([Input("n", "number")], end="op_put(o, op_get(v, 'n'), 'n')"),
        flow.definition(end="op_put(o, op_get(v, 'all'), 'all')"),
    ]


@dataclass(frozen=True, slots=True)
class Load:
    """Jobs under way, and what is to come of them."""

    scene: Scene
    expected: dict[int, Any]

    @classmethod
    def begin(cls, scene: Scene, size: int = 60) -> Load:
        """`size` jobs of calltest and of counting, and some families."""
        scene.deploy(ADD, calltest(), counting(turns=40), *family())
        expected: dict[int, Any] = {}
        for number in range(size):
            expected[scene.create("calltest", input=number)] = {"output": number + 3}
            expected[scene.create("counting")] = {"n": 40}
            if number % 6 == 0:
                expected[scene.create("family")] = {"all": [1, 2, 3]}
        return cls(scene, expected)

    def check(self) -> None:
        """All have ended as they should, and each step is recorded once."""
        assert {job: self.scene.result(job) for job in self.expected} == self.expected
        assert self.scene.all("select job_id from jobcenter.jobs where state <> 'finished'") == []
        wrong = self.scene.all(
            "select j.job_id from jobcenter.jobs j left join lateral (select count(*) as steps,"
            " count(distinct (l.job_log_id, l.step)) as entries from jobcenter.job_task_log l"
            " where l.job_id = j.job_id) l on true where j.stepcounter <> l.steps or l.steps <> l.entries"
        )
        assert wrong == []
        for job in self.scene.all(
            "select job_id from jobcenter.jobs join jobcenter.actions a"
            " on a.action_id = workflow_id where a.name = 'calltest'"
        ):
            assert [entry[0] for entry in self.scene.log(job[0])] == [1, 2, 3]


def start_maestro(dsn: str) -> subprocess.Popen[bytes]:
    code = "import asyncio, sys; from jobcenter.maestro import serve; asyncio.run(serve(sys.argv[1], executors=1))"
    return subprocess.Popen([sys.executable, "-c", code, dsn], stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def maestros(dsn: str, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [start_maestro(dsn) for _ in range(number)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()
