"""Which jobs' ends the async client waits for, who is to be woken by them, and for how long they are listened to. The client looks for
itself where the end alone was told.

A notification only hurries things along: see `jobcenter.listener`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from jobcenter.statements import Output

CHANNEL: Final = "jobs:ended"  # of the database: tells of all ends, a hundred numbers at a time
RECENT: Final = 1.0  # seconds for which an end is remembered that nobody waits for yet
IDLE: Final = 10.0  # seconds for which ends are listened to that nobody waits for


class End:
    """`heard` is set when the job may have ended. `output` is there where that was told too."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.output: Output | None = None

    def tell(self, output: Output | None) -> None:
        """An end may be told of more than once, and not each time with the output."""
        if output is not None:
            self.output = output
        self.heard.set()

    def forget(self) -> None:
        """For who is about to look: a job that was tried again has another end than the one that was heard."""
        self.output = None
        self.heard.clear()


class Ends:
    """`lapse` is called when nobody has been `interested` for some time."""

    def __init__(self, lapse: Callable[[], None] = lambda: None) -> None:
        self._lapse = lapse
        self._interested = 0
        self._idle_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: dict[int, list[End]] = {}
        self._recent: dict[int, tuple[float, Output | None]] = {}  # in the order of time

    def __contains__(self, job_id: object) -> bool:
        """Whether somebody waits for it."""
        return job_id in self._waiting

    @contextmanager
    def interested(self) -> Iterator[None]:
        """Around all that leads to a wait: from before its job is created or looked at, so that an end which is listened to from then on
        is not missed."""
        self._interested += 1
        try:
            yield
        finally:
            self._interested -= 1
            if self._interested == 0:
                self._idle_since = time.monotonic()
                if self._timer is None:  # one for many waits, each of which may be short
                    self._again_in(IDLE)

    def _again_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look_if_idle)

    def _look_if_idle(self) -> None:
        self._timer = None
        if self._interested:
            return
        left = self._idle_since + IDLE - time.monotonic()
        if left > 0:
            self._again_in(left)
        else:
            self._lapse()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @contextmanager
    def of(self, job_id: int) -> Iterator[End]:
        """Inside, the job's end is heard of; also one that has come just before, since a job may be over before its creator runs."""
        end = End()
        self._waiting.setdefault(job_id, []).append(end)
        if job_id in self._recent:
            end.tell(self._recent[job_id][1])
        try:
            yield end
        finally:
            self._waiting[job_id].remove(end)
            if not self._waiting[job_id]:
                del self._waiting[job_id]

    def heard(self, job_id: int, output: Output | None = None) -> None:
        now = time.monotonic()
        for end in self._waiting.get(job_id, ()):
            end.tell(output)
        if job_id not in self._waiting:
            _, known = self._recent.pop(job_id, (now, None))
            self._recent[job_id] = now, known if output is None else output
        while self._recent and now - next(iter(self._recent.values()))[0] > RECENT:
            del self._recent[next(iter(self._recent))]

    def look(self) -> None:
        """Any of them may have ended: what was sent has been lost."""
        for ends in self._waiting.values():
            for end in ends:
                end.heard.set()
