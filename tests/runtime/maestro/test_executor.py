"""Executor processes: batches through them, and jobs that kill them. No database."""

from __future__ import annotations

import asyncio
import json
import marshal
import os
import re
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobcenter.artifact import Definition, Kind, Module, program_to_json
from jobcenter.engine import join_batch, row_head, run_batch, split_batch
from jobcenter.executor import Executor, ProcessExecutor
from jobcenter.frames import LoadedModule
from jobcenter.programs import load_program
from tests.runtime.maestro.test_faults import Impatient
from tests.runtime.workflows import Flow, counting

# What the policy and the fuel would stop, were it not for bytecode made by hand: the process is the last layer.
ENDLESS = "while True: pass"
MEMORY = "x = [0] * 1000\nwhile True: x = x + x"
ABORT = """\
for each in ().__class__.__base__.__subclasses__():
    if each.__name__ == "_wrap_close":
        each.__init__.__globals__["abort"]()"""


def module(definition: Definition, workflow: int = 5) -> LoadedModule:
    assert definition.program is not None
    assert definition.module is not None
    program = json.dumps(program_to_json(definition.program))
    return LoadedModule(
        workflow, program, "[]", definition.module.python, definition.module.bytecode
    )


def row(job: int, workflow: int = 5, **columns: Any) -> dict[str, Any]:
    given = {
        "job": job, "workflow": workflow, "task": 1, "state": "done", "args": {}, "env": {}, "vars": {},
        "in": None, "out": None, "steps": 0, "depth": 0, "tries": 0,
    }  # fmt: skip
    return {**given, **columns}


def batch(*rows: dict[str, Any]) -> str:
    return join_batch(json.dumps(each, separators=(",", ":")) for each in rows)


def perform(
    work: Callable[[ProcessExecutor], Awaitable[None]],
    kind: type[ProcessExecutor] = ProcessExecutor,
    **settings: Any,
) -> None:
    async def inside() -> None:
        executor = kind(**settings)
        try:
            await work(executor)
        finally:
            await executor.close()

    asyncio.run(inside())


async def outcomes(executor: Executor, text: str, *workflows: int) -> dict[int, dict[str, Any]]:
    """What became of the jobs of a batch, which is run again until none is left over, or has paused since the machine is slow."""
    found: dict[int, dict[str, Any]] = {}
    rows = {row_head(each)["job"]: each for each in split_batch(text)}
    while rows:
        for results in await executor.run(join_batch(rows.values()), workflows or (5,)):
            for job in json.loads(results.jobs):
                # What did not change since a pause is not told again.
                found[job["job"]] = {**found.get(job["job"], {}), **job}
                row = rows.pop(job["job"])
                if job["state"] == "plotting":
                    rows[job["job"]] = gone_on(row, job)
    return found


def gone_on(row: str, outcome: dict[str, Any]) -> str:
    """The row of a job that has paused, as the database would have it now."""
    changed = {
        name: outcome[name] for name in ("task", "state", "steps", "vars", "env") if name in outcome
    }
    return json.dumps({**json.loads(row), "out": None, **changed}, separators=(",", ":"))


def test_a_batch_through_a_process() -> None:
    async def work(executor: ProcessExecutor) -> None:
        assert executor.lacks([5]) == [5]
        executor.give(module(counting()))
        assert executor.lacks([5]) == []
        found = await outcomes(executor, batch(*map(row, range(1, 301))))
        assert len(found) == 300
        assert {job["state"] for job in found.values()} == {"finished"}

    perform(work)


def test_a_job_that_pauses_goes_on() -> None:
    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(counting(turns=200_000, max_steps=1_000_000)))
        assert (await outcomes(executor, batch(row(1))))[1]["out"] == {"n": 200_000}

    perform(work)


def test_bytecode_of_another_python_is_compiled_again() -> None:
    async def work(executor: ProcessExecutor) -> None:
        whole = module(counting())
        executor.give(LoadedModule(5, whole.program, whole.outputs, whole.python, None))
        assert (await outcomes(executor, batch(row(1))))[1]["out"] == {"n": 10}

    perform(work)


def test_a_module_that_cannot_be_loaded_fails_its_own_jobs() -> None:
    async def work(executor: ProcessExecutor) -> None:
        whole = module(counting())
        executor.give(LoadedModule(5, whole.program, whole.outputs, "import os", None))
        executor.give(module(counting(), 6))
        found = await outcomes(executor, batch(row(1), row(2, 6)), 5, 6)
        assert found[1]["out"]["error"]["class"] == "fatal"
        assert "cannot be loaded" in found[1]["out"]["error"]["msg"]
        assert found[2]["state"] == "finished"

    perform(work)


def hostile(code: str) -> Definition:
    """A workflow whose third task runs this code, which no sandbox has looked at; the fourth catches."""
    flow = Flow("hostile")
    flow.task(Kind.EVAL, eval="op_put(v, 1, 'kept')")
    flow.task(Kind.EVAL, eval=code, on_error=4)
    flow.task(Kind.EVAL, eval="op_put(v, op_get(e, '_error'), 'caught')")
    flow.functions, harmless = [], flow.functions
    definition = flow.definition()
    bytecode = marshal.dumps(compile("\n".join(harmless), "<jcl>", "exec"))
    return replace(definition, module=Module("", bytecode, b"", ()))


@pytest.mark.parametrize(
    ("code", "message"),
    [(ENDLESS, "takes more than 0.8 s"), (ABORT, "ended its executor"), (MEMORY, "memory")],
)
@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_job_that_kills_its_process_gets_an_error_that_it_can_catch(
    code: str, message: str, size: int
) -> None:
    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(hostile(code)))
        executor.give(module(counting(), 6))
        rows = [row(number, 6) for number in range(1, size + 1)]
        rows[size // 2]["workflow"] = 5
        found = await outcomes(executor, batch(*rows), 5, 6)
        bad = found.pop(size // 2 + 1)
        assert (bad["state"], bad["vars"]["kept"]) == ("finished", 1)
        assert bad["vars"]["caught"]["class"] == "sandbox"
        assert message in bad["vars"]["caught"]["msg"]
        assert [job["out"] for job in found.values()] == [{"n": 10}] * (size - 1)

    # So little memory that it is gone long before the processor time is.
    perform(work, memory=200_000_000)


def test_a_job_that_pauses_before_it_catches_its_error() -> None:
    """As on a machine that is slow just then."""

    async def work() -> None:
        executor = Impatient()
        executor.give(module(hostile("not_there")))
        found = await outcomes(executor, batch(row(1), row(2)))
        for job in (1, 2):
            assert (found[job]["state"], found[job]["vars"]["kept"]) == ("finished", 1)
            assert "not_there" in found[job]["vars"]["caught"]["msg"]

    asyncio.run(work())


def test_a_job_that_does_it_again_when_it_has_caught_it_is_ended() -> None:
    flow = hostile(ABORT)
    assert flow.program is not None
    program = flow.program
    again = replace(program.tasks[3], code={"eval": "task_3_eval"})
    tasks = (*program.tasks[:3], again, *program.tasks[4:])

    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(replace(flow, program=replace(program, tasks=tasks))))
        executor.give(module(counting(), 6))
        found = await outcomes(executor, batch(row(1, 6), row(2), row(3, 6)), 5, 6)
        assert [found[job]["state"] for job in (1, 2, 3)] == ["finished", "error", "finished"]
        assert found[2]["out"]["error"]["class"] == "sandbox"

    perform(work)


def test_a_batch_that_kills_the_process_outside_of_any_job_is_halved() -> None:
    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(counting()))
        rows = [row(number) for number in range(1, 9)]
        rows[5]["args"] = {"x": "long" * 8_000_000}
        found = await outcomes(executor, batch(*rows))
        assert found.pop(6)["out"]["error"]["class"] == "sandbox"
        assert {job["state"] for job in found.values()} == {"finished"}

    perform(work, memory=130_000_000)


def test_an_executor_that_is_killed_from_outside_is_not_missed() -> None:
    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(counting()))
        await outcomes(executor, batch(row(1)))
        for _ in range(3):
            assert executor._child is not None
            os.kill(executor._child.transport.get_pid(), signal.SIGKILL)
            assert (await outcomes(executor, batch(row(1), row(2))))[2]["state"] == "finished"

    perform(work)


def test_a_row_that_python_cannot_read_is_an_error_of_its_job() -> None:
    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(counting()))
        rows = [json.dumps(row(number), separators=(",", ":")) for number in (1, 2, 3)]
        rows[1] = rows[1].replace('"args":{}', '"args":{"x":' + "1" * 10_000 + "}")
        rows[2] = rows[2].replace('"args":{}', '"args":' + "[" * 100_000 + "]" * 100_000)
        found = await outcomes(executor, join_batch(rows))
        assert [found[job]["state"] for job in (1, 2, 3)] == ["finished", "error", "error"]
        assert "cannot be read" in found[2]["out"]["error"]["msg"]

    perform(work)


def test_one_that_is_killed_in_the_middle_of_a_job_is_no_fault_of_the_job() -> None:
    class Murdered(ProcessExecutor):
        deaths = 0

        async def _attempt(self, *arguments: Any) -> Any:
            if self.deaths == 0 and self._child is not None:
                self.deaths += 1
                killer = asyncio.create_task(kill_in_a_step(self))
                try:
                    return await super()._attempt(*arguments)
                finally:
                    await killer
            return await super()._attempt(*arguments)

    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(counting(turns=20_000, max_steps=100_000)))
        executor.give(module(counting(), 6))
        await outcomes(executor, batch(row(0, 6)), 6)
        found = await outcomes(executor, batch(*map(row, range(1, 4))))
        assert [job["out"] for job in found.values()] == [{"n": 20_000}] * 3
        assert isinstance(executor, Murdered)
        assert executor.deaths == 1

    perform(work, kind=Murdered)


async def kill_in_a_step(executor: ProcessExecutor) -> None:
    child = executor._child
    assert child is not None
    while child.where()[1] < 0 or child.where()[0] < 5:
        await asyncio.sleep(0)
    child.transport.kill()


def test_an_executor_process_has_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBCENTER_SECRET", "secret")

    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(counting()))
        await outcomes(executor, batch(row(1)))
        assert executor._child is not None
        process = Path(f"/proc/{executor._child.transport.get_pid()}")
        assert (process / "environ").read_bytes() == b""
        open_files = [os.readlink(file) for file in (process / "fd").iterdir()]
        assert not [file for file in open_files if file.startswith("socket:")]
        limits = (process / "limits").read_text()
        assert re.search(r"Max address space +1073741824 ", limits)
        assert re.search(r"Max processes +0 ", limits)
        assert re.search(r"NoNewPrivs:\s+1", (process / "status").read_text())

    perform(work)


def test_an_executor_process_ends_with_its_input() -> None:
    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(counting()))
        await outcomes(executor, batch(row(1)))
        assert executor._child is not None
        executor._child.channel.end_input()
        assert await executor._child.exited() == 0

    perform(work)


def test_neighbours_wait_for_one_job_that_takes_long_and_not_for_all() -> None:
    """Which workflow it is of is known from then on; every second batch begins with those, so that they have their turn too."""

    async def work(executor: ProcessExecutor) -> None:
        executor.give(module(hostile(ENDLESS)))
        executor.give(module(counting(), 6))
        left = {job: row(job, 5 if job % 2 else 6) for job in range(1, 9)}
        done: list[set[int]] = []
        while left:
            results = await executor.run(batch(*left.values()), (5, 6))
            done.append({job["job"] for part in results for job in json.loads(part.jobs)})
            left = {job: each for job, each in left.items() if job not in done[-1]}
        assert done[:3] == [{1}, {2, 4, 6, 8}, {3}]
        assert done[3:] == [{5}, {7}]
        left = {9: row(9, 5), 10: row(10, 6)}
        # Others may be there all the time.
        ends = [await executor.run(batch(*left.values()), (5, 6)) for _ in range(2)]
        assert [json.loads(part.jobs)[0]["job"] for (part, *_) in ends] == [10, 9]

    perform(work)


@pytest.mark.parametrize("slow_first", [False, True])
def test_the_order_of_a_batch(slow_first: bool) -> None:
    """Those that have paused last; slow ones not at all, or first; before all those that end by force."""
    programs = {5: load_program(module(counting())), 6: load_program(module(counting(), 6))}
    rows = [row(1, 5), row(2, 6, state="plotting", task=2), row(3, 5, state="plotting", task=2), row(4, 6)]  # fmt: skip
    results = run_batch(programs, batch(*rows), progress=[0, 0], slow={5}, slow_first=slow_first)
    found = [job["job"] for job in json.loads(results.jobs)]
    assert found == ([1, 3, 4, 2] if slow_first else [4, 2])
    rows[2]["aborted"] = {"class": "fatal", "msg": "enough"}
    results = run_batch(programs, batch(*rows), progress=[0, 0], slow={5}, slow_first=slow_first)
    found = [job["job"] for job in json.loads(results.jobs)]
    assert found == ([3, 1, 4, 2] if slow_first else [3, 4, 2])
    assert [
        job["job"]
        for job in json.loads(run_batch(programs, batch(rows[0]), progress=[0, 0], slow={5}).jobs)
    ] == [1]


@pytest.mark.parametrize(
    ("size", "message"), [(30_000_000, "cannot be written"), (150_000_000, "do not fit")]
)
def test_values_that_are_too_large_are_said_to_be(size: int, message: str) -> None:
    async def work(executor: ProcessExecutor) -> None:
        flow = Flow("fetches")
        flow.task(Kind.CALL, callee="fetch", out="op_put(v, op_get(o, 'texts'), 'texts')")
        executor.give(module(flow.definition()))
        texts = ["x" * 1_000_000] * (size // 1_000_000)
        found = await outcomes(executor, batch(row(1, task=2, out={"texts": texts})))
        error = found[1]["out"]["error"]
        assert error["class"] == "sandbox"
        assert "the job's values are too large" in error["msg"]
        assert message in error["msg"]

    perform(work, memory=256 << 20)
