"""Messages in and out. A thread of its own reads them, so that a cancellation is seen while a request is being answered.

The messages are handled one after the other on the event loop, in the order in which they came.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, TypeAlias

Message: TypeAlias = dict[str, object]
CANCEL, CHANGE = "$/cancelRequest", "textDocument/didChange"


class Inbox:
    """`cancelled` has the ids of requests that the client does not wait for any more."""

    def __init__(self, stream: BinaryIO, take: Callable[[Message], None]) -> None:
        self._stream = stream
        self._take = take
        self._waiting: deque[Message] = deque()
        self.cancelled: set[object] = set()

    async def run(self) -> None:
        """Handle messages until the stream ends."""
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def read() -> None:
            for message in read_messages(self._stream):
                self._note(message)
                loop.call_soon_threadsafe(self._next)
            loop.call_soon_threadsafe(ended.set_result, None)

        # A daemon: a read that never comes back must not keep the process alive.
        threading.Thread(target=read, name="jcc-lsp-reader", daemon=True).start()
        await ended

    def _note(self, message: Message) -> None:
        params = message.get("params")
        if message.get("method") == CANCEL and isinstance(params, dict):
            self.cancelled.add(params.get("id"))
        self._waiting.append(message)

    def _next(self) -> None:
        self._take(self._waiting.popleft())

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    @property
    def goes_on_changing(self) -> bool:
        """Whether the next message is another change: what came before it need not be published."""
        return bool(self._waiting) and self._waiting[0].get("method") == CHANGE


def read_messages(stream: BinaryIO) -> "Iterator[Message]": ...
