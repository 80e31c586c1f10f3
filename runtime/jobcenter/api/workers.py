"""The workers among the peers: signs of life to the database for all of them together, and what becomes of one whose connection is lost.

A worker in the database belongs to the connection that announced it, whatever the name it goes by: two of one name cost each other nothing.
When the connection is lost, the database is told so after a while, in which the tasks may still be answered over another one, of
this process or not; then others try them. A Python worker (`remote`) brings a name that is its own, and takes it along from connection to
connection: whoever serves it now pings for it, and it is left alone here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from jobcenter.api import calls
from jobcenter.api.service import Service
from jobcenter.errors import NoDatabase, Refused
from jobcenter.statements import Task

log = logging.getLogger("jobcenter.api")

BEAT: Final = 2.0  # seconds between two looks after the workers
PART: Final = "workers"
PING: Final = 10.0  # seconds between two pings of all of them


class Served(Protocol):
    """A connection that a worker has."""

    def known(self, worker: str) -> list[str]:
        """The cookies of the tasks that it has, and those on their way to it."""

    def found(self, worker: str, action: str, task: Task) -> None:
        """The database has it that the worker has this task too."""

    async def announce_again(self, worker: str) -> None:
        """The database knows the worker no more."""


class Workers:
    """By their names in the database. `run` until cancelled."""

    def __init__(self, service: Service, grace: float) -> None:
        self._service = service
        self._grace = grace
        self._ids: dict[str, int] = {}
        self._served: dict[str, list[Served]] = {}
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._parting: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._served)

    def joined(self, worker: str, worker_id: int, served: Served) -> None:
        """A worker has announced itself, for the first time or not."""
        if worker in self._leaving:
            self._leaving.pop(worker).cancel()
        self._ids[worker] = worker_id
        connections = self._served.setdefault(worker, [])
        if served not in connections:
            connections.append(served)
        self._service.observer.workers(len(self))

    def _known(self, worker: str) -> list[str]:
        return [
            cookie for served in self._served.get(worker, ()) for cookie in served.known(worker)
        ]

    def left(self, worker: str, served: Served, *, busy: bool) -> None:
        """Its connection is closed. Whoever is `busy` may come back with answers."""
        connections = self._served.get(worker, [])
        if served in connections:
            connections.remove(served)
        if connections or worker not in self._served:
            return
        del self._served[worker]
        self._service.observer.workers(len(self))
        self._ids.pop(worker, None)
        delay = self._grace if busy else 0.0
        loop = asyncio.get_running_loop()
        self._leaving[worker] = loop.call_later(delay, self._part, worker, delay)

    def _part(self, worker: str, delay: float) -> None:
        self._leaving.pop(worker, None)
        _start(self._disconnect([worker], delay * 0.9), self._parting)

    async def _disconnect(self, workers: list[str], silence: float) -> None:
        try:
            await self._service.run(calls.disconnect_silent(workers, silence))
        except (NoDatabase, Refused) as error:
            # Without a ping they are taken for lost after a while all the same.
            log.warning("%s; %d workers are not disconnected", error, len(workers))

    async def close(self) -> None:
        """Nobody comes back any more, to this process."""
        for timer in self._leaving.values():
            timer.cancel()
        gone, self._leaving = list(self._leaving), {}
        if gone:
            await self._disconnect(gone, 0)
        if self._parting:
            await asyncio.wait(set(self._parting))

    async def run(self) -> None:
        pinged = time.monotonic()
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self._find_lost_tasks()
                if time.monotonic() - pinged >= PING:
                    pinged = time.monotonic()
                    await self._ping()
            except (NoDatabase, Refused) as error:
                log.warning("%s", error)
                self._service.observer.lost(PART, str(error))
            else:
                self._service.observer.alive(PART)

    async def _ping(self) -> None:
        names = {worker_id: worker for worker, worker_id in self._ids.items()}
        if not names:
            return
        for worker_id in await self._service.run(calls.ping(list(names))):
            worker = names[worker_id]
            log.warning("worker %s was taken for dead; it is announced again", worker)
            for served in list(self._served.get(worker, ())):
                with contextlib.suppress(Refused):  # an action may have gone meanwhile
                    await served.announce_again(worker)

    async def _find_lost_tasks(self) -> None:
        """The answer to a claim may have been lost between the database and here."""
        while self._service.uncertain:
            worker = next(iter(self._service.uncertain))
            connections = self._served.get(worker, [])
            if connections:
                held = calls.held(worker, self._known(worker))
                for action, task in await self._service.run(held):
                    connections[0].found(worker, action, task)
            self._service.uncertain.discard(worker)


def _start(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """The loop itself keeps no reference."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
