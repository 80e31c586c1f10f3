"""A running executor process, as the Maestro sees it: batches in, results out; a watch over how long each step takes; and why it died.
Its own program is `executor_process`."""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import signal
import struct
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final, cast

import jobcenter
from jobcenter import frames
from jobcenter.channel import Channel
from jobcenter.engine import Results, Stop
from jobcenter.frames import LoadedModule
from jobcenter.handoff import Handoff

STEP_SECONDS: Final = 0.8  # of processor time that one step may take
STEP_PATIENCE: Final = (
    10.0  # of wall-clock time, for a step that waits, or a machine that is very busy
)
LOOK_SECONDS: Final = (
    0.05  # between two looks at what the process does; the first sees a step begin too late by this
)
STARTING: Final = (
    -2
)  # `position` before the process has looked at the batch; then it is OUTSIDE, or in a job
PROGRESS: Final = struct.Struct("qq")  # the step counter, the position in the batch


class Died(Exception):
    """The process ended before it answered: where it was (`position` in the batch, `steps` of that job), and why.
    `overdue`: it was killed for what it did there; else it may have been killed by anybody."""

    def __init__(self, position: int, steps: int, reason: str, overdue: bool) -> None:
        super().__init__(reason)
        self.position = position
        self.stop = Stop(steps, {"class": "sandbox", "msg": reason})
        self.overdue = overdue


async def start_child(memory: int, tally: bool) -> Child:
    """`memory` in bytes; `tally`: results are to have one."""
    with tempfile.TemporaryFile() as file:
        file.truncate(PROGRESS.size)
        progress = mmap.mmap(file.fileno(), PROGRESS.size)
        # -I: no environment and no user's packages; so the path to this package must be said.
        home = str(Path(jobcenter.__file__).parent.parent)
        code = (
            f"import sys; sys.path.insert(0, {home!r}); "
            f"from jobcenter.executor_process import main; main({file.fileno()}, {memory})"
        )
        child = Child(progress, tally)
        try:
            await asyncio.get_running_loop().subprocess_exec(
                lambda: child,
                sys.executable,
                "-I",
                "-c",
                code,
                stdin=child.channel.stdin,
                stdout=child.channel.stdout,
                stderr=None,
                env={},
                pass_fds=[file.fileno()],
                start_new_session=True,  # a Ctrl-C is for the Maestro alone
            )
        except BaseException:
            child.channel.close()
            raise
        child.channel.given()
    return child


class Child(asyncio.SubprocessProtocol):
    """`progress` is memory that the process shares: it outlives it."""

    transport: asyncio.SubprocessTransport

    def __init__(self, progress: mmap.mmap, tally: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._progress = progress
        self._tally = tally
        self._loaded: set[int] = set()
        self._overdue = False
        self.channel = Channel(self._receive, self._lose)
        self._watch = Watch(self)
        self._stat: int | None = None  # /proc/PID/stat, where the system has it
        self._received = bytearray()
        self._answer: Handoff[bytes] | None = None
        self._cut_off = False  # has it closed its end?
        self._exited: asyncio.Future[int] = self._loop.create_future()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(
            "asyncio.SubprocessTransport", transport
        )  # other loops have their own class
        with suppress(OSError):
            self._stat = os.open(f"/proc/{self.transport.get_pid()}/stat", os.O_RDONLY)

    def _receive(self, data: bytes) -> None:
        self._received += data
        size = frames.HEADER.size
        if len(self._received) < size:
            return
        _, length = frames.HEADER.unpack_from(self._received)
        if len(self._received) == size + length and self._answer is not None:
            body = bytes(self._received[size:])
            self._received.clear()
            self._answer.set_result(body)

    def _lose(self) -> None:
        self._cut_off = True
        if self._answer is not None:
            self._answer.set_exception(EOFError())

    def process_exited(self) -> None:
        status = self.transport.get_returncode()
        self._exited.set_result(0 if status is None else status)

    # What the Maestro asks for.

    async def run(
        self,
        batch: str,
        modules: Sequence[LoadedModule],
        stops: Mapping[int, Stop],
        lead: float | None,
        slow: Sequence[int] = (),
        slow_first: bool = False,
    ) -> Results:
        """Raises Died where the process ends, or is killed since a step takes too long."""
        PROGRESS.pack_into(self._progress, 0, 0, STARTING)
        message = b"".join(
            frames.frame(frames.LOAD, module.to_json().encode())
            for module in modules
            if module.workflow not in self._loaded
        )
        time = None if lead is None else lead + self._loop.time()
        stopped = {job: asdict(stop) for job, stop in stops.items()}
        head = json.dumps(
            {
                "time": time,
                "stops": stopped,
                "tally": self._tally,
                "slow": slow,
                "slow_first": slow_first,
            }
        )
        message += frames.frame(frames.RUN, f"{head}\n{batch}".encode())
        self._loaded.update(module.workflow for module in modules)
        self._watch.begin()
        try:
            body = await self._exchange(message)
        except EOFError:
            raise await self._death() from None
        finally:
            self._watch.end()
        return Results(*body.decode().split("\n"))

    async def _exchange(self, message: bytes) -> bytes:
        """Raises EOFError where the process ends."""
        if self._cut_off:
            raise EOFError
        self._received.clear()
        self._answer = Handoff(self._loop)
        self.channel.send(message)
        return await self._answer

    async def end(self) -> None:
        """Lets the process go."""
        with suppress(ProcessLookupError):
            self.transport.kill()
        await self._exited
        self.transport.close()
        self._watch.close()
        self.channel.close()
        self._progress.close()
        if self._stat is not None:
            os.close(self._stat)
            self._stat = None

    async def exited(self) -> int:
        """The exit status, when there is one."""
        return await asyncio.shield(self._exited)

    def kill_overdue(self) -> None:
        self._overdue = True
        self.transport.kill()

    async def _death(self) -> Died:
        """What a process that has ended leaves behind."""
        status = await self._exited
        steps, position = self.where()
        await self.end()
        if self._overdue:
            reason = f"the code takes more than {STEP_SECONDS:g} s"
        elif status == -signal.SIGXCPU:
            reason = "the code takes too much processor time"
        elif status == frames.OUT_OF_MEMORY:
            reason = (
                "the job's values are too large: they do not fit into the memory of an executor"
            )
        else:
            reason = f"the code ended its executor (exit status {status})"
        return Died(position, steps, reason, self._overdue)

    def where(self) -> tuple[int, int]:
        """The progress record: the step counter, the position in the batch."""
        steps, position = PROGRESS.unpack_from(self._progress)
        return steps, position

    def processor_seconds(self) -> float:
        """What the process has used; where the system does not say, the time that has gone by."""
        if self._stat is None:
            return self._loop.time()
        try:
            text = os.pread(self._stat, 1024, 0)
        except ProcessLookupError:
            return self._loop.time()
        fields = text.rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Watch:
    """Kills a process that stays in one step of a batch for too long: between `begin` and `end`. Its looks go on for a moment after a batch, so that
    one which follows has not to start them again; then there is none while the process has nothing to do."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._loop = asyncio.get_running_loop()
        self._batch = 0
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._noted = (0, (0, 0))  # the batch, and where the process was in it, at `_since`
        self._since = self._used = 0.0

    def begin(self) -> None:
        self._batch += 1
        self._busy = True
        if self._timer is None:
            self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    def end(self) -> None:
        self._busy = False

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if not self._busy:
            return
        now, used = self._loop.time(), self._child.processor_seconds()
        place = self._child.where()
        if (self._batch, place) != self._noted:
            self._noted, self._since, self._used = (self._batch, place), now, used
        # What is done outside of steps (reading, writing, loading a module) takes its time with the size of the batch.
        elif now - self._since > STEP_PATIENCE or (
            place[1] >= 0 and used - self._used > STEP_SECONDS
        ):
            self._child.kill_overdue()
            return
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)
