"""A connection to the network API for the async client and the worker: calls, and what it hears meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from jobcenter.errors import NoDatabase
from jobcenter.network import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    Address,
    Answer,
    Conversation,
    Notified,
    keep_alive,
    remote,
    welcomed,
)
from jobcenter.statements import Statement

T = TypeVar("T")
Hear = Callable[[Notified], None]


class NetworkLine:
    """An open connection. Any number of calls may be on their way."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hear: Hear
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._hear = hear
        self._talk = Conversation()
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(), name="jobcenter network")
        self._broken: NoDatabase | None = None

    @staticmethod
    async def open(address: Address, hear: Hear) -> NetworkLine:
        """Connected, and welcomed. Raises NoDatabase, PermissionDenied."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                streams = await asyncio.open_connection(address.host, address.port, ssl=address.tls)
        except (OSError, TimeoutError) as error:
            raise NoDatabase(f"no API at {address}: {error}") from error
        keep_alive(streams[1].get_extra_info("socket"))
        line = NetworkLine(*streams, hear)
        try:
            await line._in_time(line._greeted)
            welcomed(await line._answer("hello", dict(address.hello)), address)
        except BaseException:
            await line.close()
            raise
        return line

    @property
    def closed(self) -> bool:
        return self._reading.done()

    async def run(self, statement: Statement[T]) -> T:
        """Raises NoDatabase, Refused."""
        return statement.read(await self.call("run", remote(statement)))

    async def run_all(self, statements: Sequence[Statement[Any]]) -> list[Any]:
        """At once; each by itself, so that where one is refused, others may have been done."""
        calls = [asyncio.ensure_future(self.run(statement)) for statement in statements]
        try:
            return await asyncio.gather(*calls)
        finally:
            for call in calls:
                call.cancel()

    async def call(self, method: str, params: dict[str, Any]) -> Any:
        answer = await self._answer(method, params)
        if answer.error is not None:
            raise answer.error
        return answer.result

    async def listen(self, channel: str) -> None:
        await self.call("listen", {"channel": channel})

    async def ignore_ends(self) -> None:
        """The API tells of the ends that were asked for alone, each once."""

    async def end(self) -> None:
        """Returns when the connection is closed, by whichever side. Raises what ended it."""
        await asyncio.wait({self._reading})
        if self._broken is not None:
            raise self._broken

    async def close(self) -> None:
        self._reading.cancel()
        # Not `await self._reading`: the end of whoever closes might come just then, and be taken for the reader's.
        await asyncio.wait({self._reading})
        if not self._reading.cancelled():
            self._reading.result()
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _answer(self, method: str, params: dict[str, Any]) -> Answer:
        if self.closed:
            raise self._broken or NoDatabase("the connection to the API is closed")
        id_, frame = self._talk.call(method, params)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answer
        self._writer.write(frame)
        try:
            return await self._in_time(answer)
        finally:
            self._waiting.pop(id_, None)

    async def _in_time(self, what: asyncio.Future[T]) -> T:
        """Raises NoDatabase where the connection breaks meanwhile, or it takes too long."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await what
        except TimeoutError:
            self._reading.cancel()
            raise NoDatabase("the API does not answer") from None

    async def _read(self) -> None:
        try:
            while received := await self._reader.read(65536):
                for heard in self._talk.feed(received):
                    self._take(heard)
                if self._talk.greeted and not self._greeted.done():
                    self._greeted.set_result(None)
                for reply in self._talk.replies:
                    self._writer.write(reply)
                self._talk.replies.clear()
            self._broken = NoDatabase("the API closed the connection")
        except OSError as error:
            self._broken = NoDatabase(f"the API went away: {error}")
        except NoDatabase as error:
            self._broken = error
        finally:
            lost = self._broken or NoDatabase("the connection to the API is closed")
            waiting: list[asyncio.Future[Any]] = [self._greeted, *self._waiting.values()]
            for future in waiting:
                if not future.done():
                    future.set_exception(lost)
            self._writer.close()
            self._hear(Notified(""))

    def _take(self, heard: Answer | Notified) -> None:
        match heard:
            case Notified():
                self._hear(heard)
            case Answer(id=id_):
                waiting = self._waiting.get(id_)
                if waiting is not None and not waiting.done():
                    waiting.set_result(heard)
