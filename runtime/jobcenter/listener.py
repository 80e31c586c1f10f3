"""Notifications: one connection that listens, and who waits on which channel. Says nothing of what they mean.

A notification only hurries things along. Whoever waits also polls, since one may be lost with its connection; after
a new connection all waiters are woken, because what was sent in between is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable

import psycopg
from psycopg.sql import SQL, Identifier

from jobcenter.connections import Backoff
from jobcenter.database import connect_async
from jobcenter.errors import NoDatabase
from jobcenter.observe.observer import LISTENER, SILENT, Observer
from jobcenter.wire import Wire

log = logging.getLogger("jobcenter.listener")

Tell = Callable[[str], None]


class Listener:
    """After `start`, until `stop`: `listener.hear("jobs:ended", print)`."""

    def __init__(self, dsn: str | None, observer: Observer = SILENT) -> None:
        self._dsn = dsn
        self._observer = observer
        self._tells: dict[str, list[Tell]] = defaultdict(list)
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="jobcenter listener")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def hear(self, name: str, tell: Tell) -> None:
        """`tell` is called with what each notification says: an empty text is "look for yourself", and is said too when there
        is a new connection. Until `remove`."""
        self._tells[name].append(tell)
        self._changed.set()

    def remove(self, name: str, tell: Tell) -> None:
        self._tells[name].remove(tell)
        if not self._tells[name]:
            del self._tells[name]
            # UNLISTEN is not urgent: it is said together with the next LISTEN.

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                connection = await connect_async(self._dsn)
                async with Wire(connection, self._heard) as wire:
                    await self._serve(wire)
            except (NoDatabase, psycopg.Error) as error:
                log.warning("no notifications for now: %s", str(error).strip())
                self._observer.lost(LISTENER, str(error).strip())
            await asyncio.sleep(backoff.next())

    async def _serve(self, wire: Wire) -> None:
        """Until the connection breaks."""
        listening = await self._subscribe(wire, set())
        for tells in list(self._tells.values()):
            for tell in list(tells):
                tell("")
        while not wire.closed:
            await self._changed.wait()
            listening = await self._subscribe(wire, listening)
        raise NoDatabase("the connection to the database is lost")

    async def _subscribe(self, wire: Wire, listening: set[str]) -> set[str]:
        self._changed.clear()
        wanted = set(self._tells)
        said = [(SQL("unlisten {}"), name) for name in listening - wanted]
        said += [(SQL("listen {}"), name) for name in wanted - listening]
        if said:
            await wire.ask(*((sql.format(Identifier(name)).as_string(), ()) for sql, name in said))
        return wanted

    def _heard(self, channel: str, payload: str) -> None:
        if not channel:  # the connection is lost
            self._changed.set()
        for tell in list(self._tells.get(channel, ())):
            tell(payload)
