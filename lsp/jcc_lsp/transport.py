"""Messages as they come in and go out. A thread of its own reads them, so that a cancellation is seen while a request is being answered.

They are handled one after the other on the event loop, in the order in which they came.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic
from typing import BinaryIO, TypeAlias

Message: TypeAlias = dict[str, object] | None
"""None for what is no message."""

CANCEL, CHANGE, EXIT = "$/cancelRequest", "textDocument/didChange", "exit"


class Inbox:
    """What has been read and not yet handled."""

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._cancelled: set[object] = set()
        self._last = 0.0

    async def run(self, stream: BinaryIO, take: Callable[[Message], None]) -> None:
        """Handle messages until one says `exit`, or the stream ends."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def end() -> None:
            if not ended.done():
                ended.set_result(None)

        def handle() -> None:
            message = self._waiting.popleft()
            self._last = monotonic()
            if _method(message) == EXIT:
                end()
            elif not ended.done():
                take(message)
                if _method(message) == CANCEL:
                    # All requests before it have been answered.
                    self._cancelled.discard(_cancelled_id(message))

        def read() -> None:
            try:
                for message in read_messages(stream):
                    if _method(message) == CANCEL:
                        self._cancelled.add(_cancelled_id(message))
                    self._waiting.append(message)
                    loop.call_soon_threadsafe(handle)
                    if _method(message) == EXIT:
                        return
            except OSError:
                pass  # a connection that is cut has ended, too
            loop.call_soon_threadsafe(end)

        # A daemon: a read that never comes back must not keep the process alive.
        threading.Thread(target=read, name="jcc-lsp-reader", daemon=True).start()
        await ended

    def is_cancelled(self, request: object) -> bool:
        return request in self._cancelled

    @property
    def quiet_for(self) -> float:
        """How many seconds ago the last message came; 0 while one is waiting."""
        return 0.0 if self._waiting else monotonic() - self._last

    @property
    def changes_next(self) -> bool:
        """Whether the next message is a change of a text."""
        return bool(self._waiting) and _method(self._waiting[0]) == CHANGE


class Outbox:
    """Where pygls writes what is sent. When the client has gone nobody is there to hear it, or that it could not be sent."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_cut = False

    def write(self, data: bytes) -> None:
        if self._is_cut:
            return
        try:
            self._stream.write(data)
            self._stream.flush()
        except ConnectionError:
            self._is_cut = True

    def close(self) -> None:
        self._stream.close()


def _method(message: Message) -> object:
    return None if message is None else message.get("method")


def _cancelled_id(message: Message) -> object:
    params = None if message is None else message.get("params")
    return params.get("id") if isinstance(params, dict) else None


def read_messages(stream: BinaryIO) -> Iterator[Message]:
    """The messages of a stream, until it ends."""
    while True:
        length = 0
        while (line := stream.readline()).strip():
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        if not line:
            return
        if length:
            body = stream.read(length)
            if len(body) < length:
                return
            yield _message(body)


def _message(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and "jsonrpc" in message else None
