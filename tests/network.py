"""A network for tests that breaks when it is told to: a proxy on 127.0.0.1, before Postgres or any other server.

What becomes of each piece that comes through, whichever way it goes, is its `fate`. Who lets the n-th piece fail for each n in turn, until one
is not reached any more, has broken every moment of a conversation.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Target = str | tuple[str, int]  # a Unix socket, or a host and a port

AT_ONCE: Final = struct.pack("ii", 1, 0)  # to linger for no time: close sends a reset


class Fault(Enum):
    RESET = "both sides are reset, without the piece"
    CUT = "both sides are reset, behind half of the piece"
    SILENCE = "the connection carries nothing any more, and is not closed"


Fate = Callable[[], Fault | None]


def fair() -> None:
    """All comes through."""


class Nth:
    """Of the pieces from now on, the one that comes behind so many fails, and no other. `struck`: that it has come."""

    def __init__(self, fault: Fault, behind: int) -> None:
        self._fault = fault
        self._left = behind
        self.struck = False

    def __call__(self) -> Fault | None:
        if self.struck:
            return None
        self.struck = self._left == 0
        self._left -= 1
        return self._fault if self.struck else None


def moments(fault: Fault) -> Iterator[tuple[int, Nth]]:
    """A fate for each moment, until one does not come any more."""
    for number in itertools.count():
        fate = Nth(fault, number)
        yield number, fate
        if not fate.struck:
            return


class Chance:
    """That part of all pieces fails, one way or the other. `count`: how many have."""

    def __init__(self, part: float, seed: int) -> None:
        self._part = part
        self._chance = random.Random(seed)
        self.count = 0

    def __call__(self) -> Fault | None:
        if self._chance.random() >= self._part:
            return None
        self.count += 1
        return self._chance.choice((Fault.RESET, Fault.CUT))


class Network:
    """`address` leads to the target. Runs in a thread of its own, so that nothing that a test does keeps it from working."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network")
        self._ways: set[_Way] = set()
        self.address = ("127.0.0.1", 0)
        self.fate: Fate = fair

    def reset(self) -> None:
        """All connections, now."""
        self._do(self._reset())

    def __enter__(self) -> Network:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *exc: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        self._server = await self._loop.create_server(self._way, "127.0.0.1", 0)
        self.address = self._server.sockets[0].getsockname()

    async def _close(self) -> None:
        self._server.close()
        await self._reset()

    async def _reset(self) -> None:
        for way in list(self._ways):
            way.reset()
        await asyncio.sleep(0)  # they are closed in the next turn of the loop

    def _way(self) -> asyncio.Protocol:
        way = _Way(self)
        self._ways.add(way)
        return way.near

    async def reach(self, far: _End) -> None:
        if isinstance(self._target, str):
            await self._loop.create_unix_connection(lambda: far, self._target)
        else:
            await self._loop.create_connection(lambda: far, *self._target)

    def forget(self, way: _Way) -> None:
        self._ways.discard(way)


class _End(asyncio.Protocol):
    """One of the two connections of a way. What comes before the other is there is kept."""

    def __init__(self, way: _Way) -> None:
        self._way = way
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        for data in self._early:
            transport.write(data)
        self._way.made(self)

    def write(self, data: bytes) -> None:
        if self._transport is None:
            self._early.append(data)
        else:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._way.carry(data, self)

    def connection_lost(self, error: Exception | None) -> None:
        self._way.lost()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        if self._transport is not None:
            sock = self._transport.get_extra_info("socket")
            if sock.family == socket.AF_INET and sock.fileno() >= 0:  # else it has ended by itself
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self._transport.abort()


class _Way:
    """From who has connected, who is near, to the target."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._silent = False
        self.near, self.far = _End(self), _End(self)
        self._reaching: asyncio.Task[None] | None = None

    def made(self, end: _End) -> None:
        if end is self.near:
            self._reaching = asyncio.create_task(self._reach())

    async def _reach(self) -> None:
        try:
            await self._network.reach(self.far)
        except OSError:
            self.reset()

    def carry(self, data: bytes, source: _End) -> None:
        if self._silent:
            return
        fault = self._network.fate()
        if fault is Fault.SILENCE:
            self._silent = True
            return
        kept = {None: len(data), Fault.CUT: len(data) // 2, Fault.RESET: 0}[fault]
        target = self.far if source is self.near else self.near
        target.write(data[:kept])
        if fault is not None:
            self.reset()

    def reset(self) -> None:
        self._network.forget(self)
        self.near.reset()
        self.far.reset()

    def lost(self) -> None:
        """What one side ends is ended for the other, unless that is to hear nothing."""
        if not self._silent:
            self._network.forget(self)
            self.near.close()
            self.far.close()


@contextmanager
def before_postgres(dsn: str) -> Iterator[tuple[Network, str]]:
    """A network, and the DSN that leads through it."""
    parts = conninfo_to_dict(dsn)
    host, port = str(parts.get("host") or "127.0.0.1"), int(parts.get("port") or 5432)
    target: Target = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
    with Network(target) as network:
        near_host, near_port = network.address
        near = make_conninfo(dsn, host=near_host, port=near_port)
        # Nothing is said but what counts.
        yield network, make_conninfo(near, sslmode="disable", gssencmode="disable")
