"""Which jobs' ends the async client waits for, and who is to be woken by them. The client looks for itself where the end alone was told.

A notification only hurries things along: see `jobcenter.listener`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from jobcenter.statements import Output

CHANNEL: Final = "jobs:ended"  # of the database: tells of all ends, a hundred numbers at a time
RECENT: Final = 1.0  # seconds for which an end is remembered that nobody waits for yet


class End:
    """`heard` is set when the job may have ended. `output` is there where that was told too."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.output: Output | None = None

    def tell(self, output: Output | None) -> None:
        self.output = output
        self.heard.set()


class Ends:
    def __init__(self) -> None:
        self._waiting: dict[int, list[End]] = {}
        self._recent: dict[int, tuple[float, Output | None]] = {}  # in the order of time

    def __contains__(self, job_id: object) -> bool:
        """Whether somebody waits for it."""
        return job_id in self._waiting

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
            self._recent[job_id] = now, output
        while self._recent and now - next(iter(self._recent.values()))[0] > RECENT:
            del self._recent[next(iter(self._recent))]

    def look(self) -> None:
        """Any of them may have ended: what was sent has been lost."""
        for ends in self._waiting.values():
            for end in ends:
                end.heard.set()
