"""Notifications: one connection that listens, and who waits on which channel. Says nothing of what they mean.

A notification only hurries things along. Whoever waits also polls, since one may be lost with its connection; after
a new connection all waiters are woken, because what was sent in between is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from psycopg import OperationalError
from psycopg.sql import SQL, Identifier

from jobcenter.connections import Backoff
from jobcenter.database import AsyncConnection, connect_async
from jobcenter.errors import NoDatabase

log = logging.getLogger("jobcenter.listener")

Wake = Callable[[], None]


class Listener:
    """After `start`: `async with listener.channel("job:9:finished") as notified: await notified.wait()`."""

    def __init__(self, dsn: str | None) -> None:
        self._dsn = dsn
        self._wakes: dict[str, list[Wake]] = defaultdict(list)
        self._listening: set[str] = set()
        self._changed = asyncio.Event()
        self._settled = asyncio.Condition()
        self._connected = True  # until the first attempt fails: so that `channel` waits for it
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="jobcenter listener")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @asynccontextmanager
    async def channel(self, name: str) -> AsyncIterator[asyncio.Event]:
        """Inside, the event is set by each notification. On entry the channel is listened to, or there is no
        connection now (the event is set when there is one again)."""
        event = asyncio.Event()
        self.add(name, event.set)
        try:
            async with self._settled:
                await self._settled.wait_for(lambda: name in self._listening or not self._connected)
            yield event
        finally:
            self._remove(name, event.set)

    def add(self, name: str, wake: Wake) -> None:
        """`wake` is called for each notification on the channel, until the listener ends."""
        self._wakes[name].append(wake)
        self._changed.set()

    def _remove(self, name: str, wake: Wake) -> None:
        self._wakes[name].remove(wake)
        if not self._wakes[name]:
            del self._wakes[name]
            # UNLISTEN is not urgent: it is said together with the next LISTEN.

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                connection = await connect_async(self._dsn)
                async with connection:
                    backoff = Backoff()
                    await self._serve(connection)
            except (NoDatabase, OperationalError) as error:
                log.warning("no notifications for now: %s", str(error).strip())
            await self._lost()
            await asyncio.sleep(backoff.next())

    async def _serve(self, connection: AsyncConnection) -> None:
        self._listening.clear()
        self._connected = True
        await self._subscribe(connection)
        for wakes in list(self._wakes.values()):
            for wake in list(wakes):
                wake()
        while True:
            reading = asyncio.create_task(self._read(connection))
            changed = asyncio.create_task(self._changed.wait())
            try:
                await asyncio.wait({reading, changed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading
            await self._subscribe(connection)

    async def _subscribe(self, connection: AsyncConnection) -> None:
        self._changed.clear()
        wanted, listening = set(self._wakes), self._listening
        # Whoever comes back to a channel that is just being given up must wait for the next round.
        self._listening = listening & wanted
        for name in listening - wanted:
            await connection.execute(SQL("unlisten {}").format(Identifier(name)))
        for name in wanted - listening:
            await connection.execute(SQL("listen {}").format(Identifier(name)))
        self._listening = wanted
        async with self._settled:
            self._settled.notify_all()

    async def _read(self, connection: AsyncConnection) -> None:
        async for notification in connection.notifies():
            for wake in list(self._wakes.get(notification.channel, ())):
                wake()

    async def _lost(self) -> None:
        self._connected = False
        self._listening.clear()
        async with self._settled:
            self._settled.notify_all()
