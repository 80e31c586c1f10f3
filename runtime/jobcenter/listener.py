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

from psycopg import OperationalError
from psycopg.sql import SQL, Identifier

from jobcenter.connections import Backoff
from jobcenter.database import AsyncConnection, connect_async
from jobcenter.errors import NoDatabase
from jobcenter.observe.observer import LISTENER, SILENT, Observer

log = logging.getLogger("jobcenter.listener")

Tell = Callable[[str], None]


class Listener:
    """After `start`, until `stop`: `listener.hear("jobs:ended", print)`."""

    def __init__(self, dsn: str | None, observer: Observer = SILENT) -> None:
        self._dsn = dsn
        self._observer = observer
        self._tells: dict[str, list[Tell]] = defaultdict(list)
        self._listening: set[str] = set()
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
                async with connection:
                    await self._serve(connection)
            except (NoDatabase, OperationalError) as error:
                log.warning("no notifications for now: %s", str(error).strip())
                self._observer.lost(LISTENER, str(error).strip())
            await asyncio.sleep(backoff.next())

    async def _serve(self, connection: AsyncConnection) -> None:
        self._listening.clear()
        await self._subscribe(connection)
        for tells in list(self._tells.values()):
            for tell in list(tells):
                tell("")
        while True:
            reading = asyncio.create_task(self._read(connection))
            changed = asyncio.create_task(self._changed.wait())
            try:
                await asyncio.wait({reading, changed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()
                reading.cancel()
                # Not `await reading`: our own end might come just then, and be taken for the reader's.
                await asyncio.wait({reading})
            if not reading.cancelled():
                reading.result()
            await self._subscribe(connection)

    async def _subscribe(self, connection: AsyncConnection) -> None:
        self._changed.clear()
        wanted, listening = set(self._tells), self._listening
        for name in listening - wanted:
            await connection.execute(SQL("unlisten {}").format(Identifier(name)))
        for name in wanted - listening:
            await connection.execute(SQL("listen {}").format(Identifier(name)))
        self._listening = wanted

    async def _read(self, connection: AsyncConnection) -> None:
        async for notification in connection.notifies():
            for tell in list(self._tells.get(notification.channel, ())):
                tell(notification.payload)
