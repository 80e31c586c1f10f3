"""Executors: where the code of workflows runs. A batch of jobs' rows in, results for `apply_results` out.

`InlineExecutor` runs it here, for tests. `ProcessExecutor` runs it in a child process with few rights, and kills that when a
step takes too long. A job that kills its process gets an error of class `sandbox` at the step it was in; its neighbours
do not notice. Knows nothing of the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import mmap
import os
import signal
import struct
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import jobcenter
from jobcenter import frames
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

STEP_SECONDS: Final = 0.8  # of processor time that one step may take
STEP_PATIENCE: Final = (
    10.0  # of wall-clock time, for a step that waits, or a machine that is very busy
)
LOOK_SECONDS: Final = 0.1  # between two looks at what the process does
MEMORY: Final = 1 << 30
DEATHS: Final = 4  # of processes, by one job, before it is given up
STARTS: Final = 3  # of a process that dies before it begins
STARTING: Final = (
    -2
)  # `position` before the process has looked at the batch; then it is OUTSIDE, or in a job
PROGRESS: Final = struct.Struct("qq")  # the step counter, the position in the batch


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


class Died(Exception):
    """The process ended before it answered: where it was (`position` in the batch, `steps` of that job), and why.
    `overdue`: it was killed for what it did there; else it may have been killed by anybody."""

    def __init__(self, position: int, steps: int, reason: str, overdue: bool) -> None:
        super().__init__(reason)
        self.position = position
        self.stop = Stop(steps, {"class": "sandbox", "msg": reason})
        self.overdue = overdue


class ProcessExecutor:
    """Runs the code in a child process, which is started when it is first needed and after each death."""

    def __init__(self, memory: int = MEMORY, observer: Observer = SILENT) -> None:
        self._memory = memory
        self._observer = observer
        self._modules: dict[int, LoadedModule] = {}
        self._child: Child | None = None
        self._lead: float | None = None  # of the database's clock over the event loop's

    def lacks(self, workflows: Iterable[int]) -> list[int]:
        return [workflow for workflow in workflows if workflow not in self._modules]

    def give(self, module: LoadedModule) -> None:
        self._modules[module.workflow] = module

    async def run(
        self, batch: str, workflows: Sequence[int], time: float | None = None
    ) -> list[Results]:
        self._lead = None if time is None else time - asyncio.get_running_loop().time()
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
                self._child = await Child.start(self._memory, self._observer.counts)
            modules = [self._modules[workflow] for workflow in workflows]
            try:
                return await self._child.run(batch, modules, stops or {}, self._lead)
            except Died as death:
                self._child = None
                self._observer.executor_died(death.overdue)
                if death.position != STARTING:
                    raise
            except asyncio.CancelledError:
                await self.close()
                raise
        raise ConnectionError("the executor processes die before they begin")

    async def _set_apart(self, batch: str, workflows: Sequence[int], death: Died) -> list[Results]:
        """After a death: the jobs before the suspect are run again, then the suspect alone. Those behind it are left for
        the next batch: a transaction must not take too long."""
        rows = split_batch(batch)
        if death.position != OUTSIDE:
            before, suspect = rows[: death.position], rows[death.position]
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


@dataclass(slots=True)
class Child:
    """A running executor process. `progress` is memory that it shares: it outlives the process."""

    process: asyncio.subprocess.Process
    progress: mmap.mmap
    tally: bool  # results are to have one
    loaded: set[int]
    overdue: bool = False

    @classmethod
    async def start(cls, memory: int, tally: bool) -> Child:
        with tempfile.TemporaryFile() as file:
            file.truncate(PROGRESS.size)
            progress = mmap.mmap(file.fileno(), PROGRESS.size)
            # -I: no environment and no user's packages; so the path to this package must be said.
            home = str(Path(jobcenter.__file__).parent.parent)
            code = (
                f"import sys; sys.path.insert(0, {home!r}); "
                f"from jobcenter.executor_process import main; main({file.fileno()}, {memory})"
            )
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-c",
                code,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={},
                pass_fds=[file.fileno()],
                start_new_session=True,  # a Ctrl-C is for the Maestro alone
            )
        return cls(process, progress, tally, set())

    async def run(
        self,
        batch: str,
        modules: Sequence[LoadedModule],
        stops: Mapping[int, Stop],
        lead: float | None,
    ) -> Results:
        """Raises Died where the process ends, or is killed since a step takes too long."""
        PROGRESS.pack_into(self.progress, 0, 0, STARTING)
        message = b"".join(
            frames.frame(frames.LOAD, module.to_json().encode())
            for module in modules
            if module.workflow not in self.loaded
        )
        time = None if lead is None else lead + asyncio.get_running_loop().time()
        stopped = {job: asdict(stop) for job, stop in stops.items()}
        head = json.dumps({"time": time, "stops": stopped, "tally": self.tally})
        message += frames.frame(frames.RUN, f"{head}\n{batch}".encode())
        self.loaded.update(module.workflow for module in modules)
        answer = asyncio.create_task(self._exchange(message))
        try:
            await self._watch(answer)
            body = await answer
        except (EOFError, OSError):
            raise await self._death() from None
        except asyncio.CancelledError:
            answer.cancel()
            raise
        return Results(*body.decode().split("\n"))

    async def end(self) -> None:
        """Lets the process go: it ends when its input does."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self.progress.close()

    async def _exchange(self, message: bytes) -> bytes:
        """Raises EOFError or OSError where the process ends."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise EOFError
        stdin.write(message)
        await stdin.drain()
        _, length = frames.HEADER.unpack(await stdout.readexactly(frames.HEADER.size))
        return await stdout.readexactly(length)

    async def _watch(self, answer: asyncio.Task[bytes]) -> None:
        """Returns when there is an answer, or none to be expected. Kills the process when it stays in one step."""
        loop = asyncio.get_running_loop()
        step = self._where()
        used, since = self._processor_seconds(), loop.time()
        while not (await asyncio.wait({answer}, timeout=LOOK_SECONDS))[0]:
            if self._where() != step:
                step = self._where()
                used, since = self._processor_seconds(), loop.time()
                continue
            # What is done outside of steps (reading, writing, loading a module) takes its time with the size of the batch.
            in_step = step[1] >= 0
            if loop.time() - since > STEP_PATIENCE or (
                in_step and self._processor_seconds() - used > STEP_SECONDS
            ):
                self.overdue = True
                self.process.kill()
                return

    async def _death(self) -> Died:
        """What a process that has ended leaves behind."""
        status = await self.process.wait()
        steps, position = self._where()
        await self.end()
        if self.overdue:
            reason = f"the code takes more than {STEP_SECONDS:g} s"
        elif status == -signal.SIGXCPU:
            reason = "the code takes too much processor time"
        else:
            reason = f"the code ended its executor (exit status {status})"
        return Died(position, steps, reason, self.overdue)

    def _where(self) -> tuple[int, int]:
        """The progress record: the step counter, the position in the batch."""
        steps, position = PROGRESS.unpack_from(self.progress)
        return steps, position

    def _processor_seconds(self) -> float:
        """What the process has used; where the system does not say, the time that has gone by."""
        try:
            text = Path(f"/proc/{self.process.pid}/stat").read_text()
        except OSError:
            return asyncio.get_running_loop().time()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
