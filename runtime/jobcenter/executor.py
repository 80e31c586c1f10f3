"""Executors: where the code of workflows runs. A batch of jobs' rows in, results for `apply_results` out.

`InlineExecutor` runs it here, for tests. `ProcessExecutor` runs it in a child process with few rights, and kills that when a
step takes too long. A job that kills its process gets an error of class `sandbox` at the step it was in; its neighbours
do not notice. Knows nothing of the database.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from jobcenter.child import STARTING, Child, Died, start_child
from jobcenter.engine import (
    OUTSIDE,
    LinkedProgram,
    Results,
    Stop,
    fail_job,
    join_batch,
    row_head,
    run_batch,
    split_batch,
    write_outcomes,
)
from jobcenter.engine.tally import tally_of
from jobcenter.frames import LoadedModule
from jobcenter.observe.observer import SILENT, Observer
from jobcenter.programs import load_program
from jobcenter.sandbox import clock

log = logging.getLogger("jobcenter.executor")

MEMORY: Final = 1 << 30
DEATHS: Final = 4  # of processes, by one job, before it is given up
STARTS: Final = 3  # of a process that dies before it begins
SLOW_SECONDS: Final = 60.0  # for which a workflow counts as slow after a slow step


class Executor(Protocol):
    """Takes modules, each once, and runs batches of jobs of these workflows."""

    def lacks(self, workflows: Iterable[int]) -> list[int]:
        """Those of these workflows whose modules have not been given yet."""

    def give(self, module: LoadedModule) -> None: ...

    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        """Runs a batch of jobs of these workflows. Jobs may be missing from the results: they stay what they are.
        `time` is the database's, now; without it, the code sees this machine's."""

    async def close(self) -> None: ...


class InlineExecutor:
    """Runs the code in this process: without limits, save those of the sandbox."""

    def __init__(self, observer: Observer = SILENT) -> None:
        self._programs: dict[int, LinkedProgram | str] = {}
        self._tally = observer.counts

    def lacks(self, workflows: Iterable[int]) -> list[int]:
        return [workflow for workflow in workflows if workflow not in self._programs]

    def give(self, module: LoadedModule) -> None:
        self._programs[module.workflow] = load_program(module)

    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        if time is not None:
            clock.follow(time)
        return [run_batch(self._programs, batch, progress=[0, OUTSIDE], tally=self._tally)]

    async def close(self) -> None:
        self._programs.clear()


class ProcessExecutor:
    """Runs the code in a child process, which is started when it is first needed and after each death."""

    def __init__(self, memory: int = MEMORY, observer: Observer = SILENT) -> None:
        self._memory = memory
        self._observer = observer
        self._modules: dict[int, LoadedModule] = {}
        self._child: Child | None = None
        self._lead: float | None = None  # of the database's clock over the event loop's
        self._slow: dict[
            int, float
        ] = {}  # workflows that had a slow step, and until when they count as slow
        self._slow_turn = False  # is it their turn? In every second batch
        self._slow_first = False

    def lacks(self, workflows: Iterable[int]) -> list[int]:
        return [workflow for workflow in workflows if workflow not in self._modules]

    def give(self, module: LoadedModule) -> None:
        self._modules[module.workflow] = module

    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        now = asyncio.get_running_loop().time()
        self._lead = None if time is None else time - now
        self._slow = {workflow: until for workflow, until in self._slow.items() if until > now}
        self._slow_first = self._slow_turn = not self._slow_turn
        return await self._run(batch, workflows)

    async def _run(self, batch: str, workflows: Sequence[int]) -> list[Results]:
        try:
            return [await self._attempt(batch, workflows)]
        except Died as death:
            return await self._set_apart(batch, workflows, death)

    async def close(self) -> None:
        if self._child is not None:
            await self._child.end()
            self._child = None

    async def _attempt(
        self, batch: str, workflows: Sequence[int], stops: Mapping[int, Stop] | None = None
    ) -> Results:
        """Raises Died, and ConnectionError where executor processes die before they begin: that is no job's fault."""
        for _ in range(STARTS):
            if self._child is None:
                self._child = await start_child(self._memory, self._observer.counts)
            modules = [self._modules[workflow] for workflow in workflows]
            slow = list(self._slow)
            try:
                results = await self._child.run(
                    batch, modules, stops or {}, self._lead, slow, self._slow_first
                )
                self._note_slow(int(each) for each in results.slow.split(",") if each)
                return results
            except Died as death:
                self._child = None
                self._observer.executor_died(death.overdue)
                if death.position != STARTING:
                    raise
            except asyncio.CancelledError:
                await self.close()
                raise
        raise ConnectionError("the executor processes die before they begin")

    def _note_slow(self, workflows: Iterable[int]) -> None:
        until = asyncio.get_running_loop().time() + SLOW_SECONDS
        self._slow.update((workflow, until) for workflow in workflows)

    async def _set_apart(self, batch: str, workflows: Sequence[int], death: Died) -> list[Results]:
        """After a death: the jobs before the suspect are run again, then the suspect alone. Those behind it are left for
        the next batch: a transaction must not take too long."""
        rows = split_batch(batch)
        if death.position != OUTSIDE:
            before, suspect = rows[: death.position], rows[death.position]
            self._note_slow([row_head(suspect)["workflow"]])
            self._slow_first = False  # this batch has taken its time
            results = await self._run(join_batch(before), workflows) if before else []
            return [*results, await self._examine(suspect, workflows, death)]
        if len(rows) > 1:
            return await self._run(join_batch(rows[: len(rows) // 2]), workflows)
        return [await self._examine(rows[0], workflows, death)]

    async def _examine(self, row: str, workflows: Sequence[int], death: Died) -> Results:
        """Runs a suspect alone. If its process dies again, and was not just killed by somebody, the job is stopped where
        it was; if that does not help, it ends."""
        head = row_head(row)
        about = {"job": head["job"], "workflow": head["workflow"], "task": head["task"]}
        log.warning(
            "job %d was at work when its executor died: %s", head["job"], death, extra=about
        )
        deaths = [death]
        while len(deaths) < DEATHS:
            stops = {}
            if deaths[-1].position != OUTSIDE and (deaths[-1].overdue or len(deaths) > 1):
                stops[head["job"]] = deaths[-1].stop
            try:
                return await self._attempt(join_batch([row]), workflows, stops)
            except Died as again:
                if stops and again.stop.steps > deaths[-1].stop.steps:
                    break  # it caught its error, and did the same once more
                deaths.append(again)
        return self._give_up(row, deaths[-1])

    def _give_up(self, row: str, death: Died) -> Results:
        """The job ends with the error without being run."""
        head = row_head(row)
        results = write_outcomes([outcome := fail_job(head, death.stop.error)])
        if not self._observer.counts:
            return results
        name = json.loads(self._modules[head["workflow"]].program)["name"]
        return replace(results, tally=tally_of({head["workflow"]: name}, [head], [outcome]))
