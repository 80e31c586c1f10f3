"""Messages to a child process and back, over pipes that are its standard input and output. For the running event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

CHUNK: Final = 1 << 18  # bytes that are read at a time


class Channel:
    """`stdin` and `stdout` are the child's ends, to be closed here (`given`) once it has them. `received` is called with what has come, and `lost`
    when the child closes its end. The transports of asyncio have the loop go round once more for each of these."""

    def __init__(self, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._received = received
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._unsent = bytearray()
        self.stdin, self._out = os.pipe()
        self._in, self.stdout = os.pipe()
        self._open = {self.stdin, self.stdout, self._in, self._out}
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._loop.add_reader(self._in, self._read)

    def given(self) -> None:
        self._close(self.stdin, self.stdout)

    def send(self, message: bytes) -> None:
        """What does not fit into the pipe goes out when there is room; what cannot be sent is dropped, and `lost` tells."""
        if not self._unsent:
            message = message[self._give(message) :]
            if message:
                self._loop.add_writer(self._out, self._write)
        self._unsent += message

    def end_input(self) -> None:
        """The child reads to the end of what was sent, and then the end."""
        self._loop.remove_writer(self._out)
        self._close(self._out)

    def close(self) -> None:
        if self._in in self._open:
            self._loop.remove_reader(self._in)
        if self._out in self._open:
            self._loop.remove_writer(self._out)
        self._close(*self._open)

    def _close(self, *ends: int) -> None:
        for end in ends:
            if end in self._open:
                self._open.discard(end)
                os.close(end)

    def _give(self, data: bytes | bytearray) -> int:
        """How many bytes of it are gone."""
        if self._out not in self._open:
            return len(data)  # its number may be another file's by now
        try:
            return os.write(self._out, data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)

    def _write(self) -> None:
        del self._unsent[: self._give(self._unsent)]
        if not self._unsent:
            self._loop.remove_writer(self._out)

    def _read(self) -> None:
        try:
            data = os.read(self._in, CHUNK)
        except BlockingIOError:
            return
        if data:
            self._received(data)
        else:
            self._loop.remove_reader(self._in)
            self._lost()
