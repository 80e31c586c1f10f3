"""Who looks on while jobs run. All jobs that are looked at are asked for together, once a second; each onlooker gets the newest
state when he is ready for it, and none in between that he was too slow for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import Final

from jobcenter import statements
from jobcenter.api import calls
from jobcenter.api.calls import Progress
from jobcenter.api.service import Service
from jobcenter.errors import NoDatabase, Refused
from jobcenter.signals import within
from jobcenter.statements import JobStatus, Output

log = logging.getLogger("jobcenter.api")

INTERVAL: Final = 1.0  # seconds between two looks


class Onlooker:
    """Has seen `shown`; `newest` and `ended` are for his next look."""

    def __init__(self) -> None:
        self.shown: Progress | None = None
        self.newest: Progress | None = None
        self.ended: Output | None = None
        self.stirred = asyncio.Event()

    def see(self, progress: Progress) -> None:
        if progress != self.newest:
            self.newest = progress
            self.stirred.set()

    def end(self, output: Output) -> None:
        self.ended = output
        self.stirred.set()


class Lookout:
    """`run` until cancelled."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._onlookers: dict[int, list[Onlooker]] = {}
        self._wake = asyncio.Event()

    async def watch(
        self, job_id: int, who: str | None
    ) -> AsyncGenerator[Progress | JobStatus, None]:
        """What the job does, as it changes, and in the end its outcome. Raises what `Service.status` raises."""
        status = await self._service.status(job_id, who)
        if status.ended:
            yield status
            return
        onlooker = Onlooker()
        self._onlookers.setdefault(job_id, []).append(onlooker)
        self._service.endings.watch(job_id, onlooker.end)
        self._service.endings.check(job_id)  # it may have ended since we asked
        self._wake.set()
        try:
            while onlooker.ended is None:
                await onlooker.stirred.wait()
                onlooker.stirred.clear()
                if onlooker.ended is None and onlooker.newest is not None:
                    yield onlooker.newest
            yield statements.status_of(job_id, onlooker.ended)
        finally:
            self._service.endings.forget(job_id, onlooker.end)
            self._onlookers[job_id].remove(onlooker)
            if not self._onlookers[job_id]:
                del self._onlookers[job_id]

    async def run(self) -> None:
        while True:
            if not self._onlookers:
                await self._wake.wait()
            self._wake.clear()
            with contextlib.suppress(NoDatabase, Refused):  # the next look is soon
                await self._look()
            await within(self._wake, INTERVAL)

    async def _look(self) -> None:
        seen = await self._service.run(calls.progress(list(self._onlookers)))
        for job_id, progress in seen.items():
            for onlooker in self._onlookers.get(job_id, ()):
                onlooker.see(progress)
