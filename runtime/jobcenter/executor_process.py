"""The program of an executor process: reads modules and batches from its standard input, writes results to its
standard output. It has no database handle, no environment, no files, and as few rights as the system lets it give up.

Started as `python -I -c … FD`, where FD is the shared memory for the progress record. It imports little, so that it
starts fast: it is started again whenever a job has killed it.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import resource
import sys
import time
from collections.abc import Mapping
from typing import BinaryIO, Final

from jobcenter import frames
from jobcenter.engine import (
    OUTSIDE,
    LinkedProgram,
    Results,
    Stop,
    row_head,
    run_batch,
    split_batch,
)
from jobcenter.programs import load_program
from jobcenter.sandbox import clock

PROGRESS_BYTES: Final = 16  # two signed 64-bit numbers: the step counter, the position in the batch
BATCH_SECONDS: Final = (
    0.5  # then the rest of a batch goes back: its rows are locked, and others may want them
)
SLOW_SECONDS: Final = 0.1  # a step that takes longer: see `slow` of run_batch
CPU_SECONDS: Final = 60  # for one batch; only where the Maestro, who looks more closely, is gone
OPEN_FILES: Final = 16

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
CLONE_NEWNET: Final = 0x40000000
SIGKILL: Final = 9


def main(progress_fd: int, memory: int) -> None:
    """Serves until its input ends."""
    with mmap.mmap(progress_fd, PROGRESS_BYTES) as shared:
        progress = memoryview(shared).cast("q")
        requests, answers = _take_pipes()
        give_up_rights(memory)
        try:
            _serve(requests, answers, progress)
        except MemoryError:
            os._exit(frames.OUT_OF_MEMORY)
        progress.release()


def _serve(requests: BinaryIO, answers: BinaryIO, progress: memoryview) -> None:
    programs: dict[int, LinkedProgram | str] = {}
    while (request := _read(requests, progress)) is not None:
        kind, body = request
        if kind == frames.LOAD:
            module = frames.LoadedModule.from_json(json.loads(body))
            programs[module.workflow] = load_program(module)
        else:
            results = _run(programs, body, progress)
            answers.write(frames.frame(frames.RESULTS, results))
            answers.flush()


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes, out of the reach of anything that reads standard input or prints."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    return requests, answers


def give_up_rights(memory: int) -> None:
    """Limits that hold for all that follows. What this system does not have is left out: it is the third layer."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        library.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        library.unshare(CLONE_NEWNET)


def _read(requests: BinaryIO, progress: memoryview) -> tuple[bytes, bytes] | None:
    header = requests.read(frames.HEADER.size)
    if len(header) < frames.HEADER.size:
        return None
    progress[1] = OUTSIDE  # from here on, a death may be the fault of what was sent
    kind, length = frames.HEADER.unpack(header)
    body = requests.read(length)
    return (kind, body) if len(body) == length else None


def _run(programs: Mapping[int, LinkedProgram | str], body: bytes, progress: memoryview) -> bytes:
    head, _, batch = body.partition(b"\n")
    told = json.loads(head)
    if told["time"] is not None:
        clock.follow(told["time"])
    stops = {int(job): Stop(**stop) for job, stop in told["stops"].items()}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, resource.RLIM_INFINITY))
    rows, pace = batch.decode(), _Pace(progress)
    results: Results = run_batch(
        programs,
        rows,
        progress=progress,
        stops=stops,
        enough=pace.is_enough,
        slow=told["slow"],
        slow_first=told["slow_first"],
        tally=told["tally"],
    )
    slow = pace.slow_workflows(rows)
    return f"{results.jobs}\n{results.effects}\n{results.tally}\n{slow}".encode()


class _Pace:
    """How long the steps of a batch take."""

    def __init__(self, progress: memoryview) -> None:
        self._progress = progress
        self._last = time.monotonic()
        self._deadline = self._last + BATCH_SECONDS
        self._slow: set[int] = set()

    def is_enough(self) -> bool:
        """Asked after each step. Whether the batch has taken its time."""
        now = time.monotonic()
        if now - self._last > SLOW_SECONDS:
            self._slow.add(self._progress[1])
        self._last = now
        return now > self._deadline

    def slow_workflows(self, batch: str) -> str:
        """Those of the jobs that had a slow step."""
        if not self._slow:
            return ""
        rows = split_batch(batch)
        return ",".join({str(row_head(rows[position])["workflow"]) for position in self._slow})


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
