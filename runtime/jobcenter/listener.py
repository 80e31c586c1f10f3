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

import psycopg
from psycopg import sql

log = logging.getLogger("jobcenter.listener")

Connection = psycopg.AsyncConnection[tuple[object, ...]]
Wake = Callable[[], None]
FIRST_DELAY, LAST_DELAY = 0.1, 5.0


class Backoff:
    """Delays that double, for connecting again."""

    def __init__(self) -> None:
        self._next = FIRST_DELAY

    async def wait(self) -> None:
        await asyncio.sleep(self._next)
        self._next = min(self._next * 2, LAST_DELAY)

    def reset(self) -> None:
        self._next = FIRST_DELAY


class Listener:
    """`async with Listener(dsn) as listener:`, then `async with listener.channel("job:9:finished") as notified:`."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._wakes: dict[str, list[Wake]] = defaultdict(list)
        self._listening: set[str] = set()
        self._changed = asyncio.Event()
        self._settled = asyncio.Condition()
        self._connected = True  # until the first attempt fails: so that `channel` waits for it
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Listener:
        self._task = asyncio.create_task(self._run(), name="jobcenter listener")
        return self

    async def __aexit__(self, *exc: object) -> None:
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
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, application_name="jobcenter listener"
                ) as connection:
                    backoff.reset()
                    await self._serve(connection)
            except psycopg.OperationalError as error:
                log.warning("no notifications for now: %s", str(error).strip())
            await self._lost()
            await backoff.wait()

    async def _serve(self, connection: Connection) -> None:
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

    async def _subscribe(
        self, connection: Connection
    ) -> None:
        self._changed.clear()
        wanted, listening = set(self._wakes), self._listening
        # Whoever comes back to a channel that is just being given up must wait for the next round.
        self._listening = listening & wanted
        for name in listening - wanted:
            await connection.execute(sql.SQL("unlisten {}").format(sql.Identifier(name)))
        for name in wanted - listening:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(name)))
        self._listening = wanted
        async with self._settled:
            self._settled.notify_all()

    async def _read(self, connection: Connection) -> None:
        async for notification in connection.notifies():
            for wake in list(self._wakes.get(notification.channel, ())):
                wake()

    async def _lost(self) -> None:
        self._connected = False
        self._listening.clear()
        async with self._settled:
            self._settled.notify_all()
