"""Who waits for the end of which job. Notifications say where to look, a sweep now and then finds what they missed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Final, TypeAlias

from jobcenter.errors import NoDatabase, Refused
from jobcenter.observe.observer import SILENT, Observer
from jobcenter.signals import within
from jobcenter.statements import Output

log = logging.getLogger("jobcenter.api")

Tell: TypeAlias = Callable[[Output], None]

SWEEP: Final = 3.0  # seconds between two looks at all that is waited for
BATCH: Final = 1000  # jobs in a look
PART: Final = "endings"
RECENT: Final = 10.0  # seconds for which an end is remembered that nobody waited for yet


class Endings:
    """`look` gives the outputs of those jobs that have ended. `run` until cancelled."""

    def __init__(
        self,
        look: Callable[[Sequence[int]], Awaitable[dict[int, Output]]],
        observer: Observer = SILENT,
    ) -> None:
        self._look = look
        self._observer = observer
        self._waiting: dict[int, list[Tell]] = {}
        self._due: dict[int, None] = {}  # a set that keeps its order
        self._recent: dict[int, float] = {}  # in the order of time
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        """How many jobs are waited for."""
        return len(self._waiting)

    def watch(self, job_id: int, tell: Tell) -> None:
        """`tell` is called once, when the job has ended, or soon if it has already; unless it is forgotten before. A job
        that does not exist never ends."""
        self._waiting.setdefault(job_id, []).append(tell)
        if job_id in self._recent:
            self._look_at(job_id)

    def check(self, job_id: int) -> None:
        """Looks at a job that is waited for, which may have ended long ago."""
        if job_id in self._waiting:
            self._look_at(job_id)

    def forget(self, job_id: int, tell: Tell) -> None:
        """Does nothing for a `tell` that was told."""
        tells = self._waiting.get(job_id, [])
        with contextlib.suppress(ValueError):
            tells.remove(tell)
        if not tells:
            self._waiting.pop(job_id, None)

    def heard(self, payload: str) -> None:
        """A notification: the numbers of jobs that have ended, or nothing, which is "look for yourself"."""
        if not payload:
            self._due.update(dict.fromkeys(self._waiting))
            self._wake.set()
            return
        now = time.monotonic()
        for text in payload.split(","):
            job_id = int(text)
            if job_id in self._waiting:
                self._look_at(job_id)
            else:
                self._recent[job_id] = now
        while self._recent and now - next(iter(self._recent.values())) > RECENT:
            del self._recent[next(iter(self._recent))]

    async def run(self) -> None:
        swept = time.monotonic()
        while True:
            await within(self._wake, max(swept + SWEEP - time.monotonic(), 0))
            if time.monotonic() - swept >= SWEEP:
                self._due.update(dict.fromkeys(self._waiting))
                swept = time.monotonic()
            self._wake.clear()
            await self._look_round()

    async def _look_round(self) -> None:
        while self._due:
            some = list(islice(self._due, BATCH))
            for job_id in some:
                del self._due[job_id]
            try:
                ended = await self._look([job_id for job_id in some if job_id in self._waiting])
            except (NoDatabase, Refused) as error:
                log.warning("%s", error)  # the next sweep looks again
                self._observer.lost(PART, str(error))
                return
            for job_id, output in ended.items():
                for tell in self._waiting.pop(job_id, ()):
                    tell(output)
        self._observer.alive(PART)

    def _look_at(self, job_id: int) -> None:
        self._due[job_id] = None
        self._wake.set()
