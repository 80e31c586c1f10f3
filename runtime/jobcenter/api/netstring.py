"""Netstrings: `<length in bytes>:<payload>,`. Bytes in, payloads out, with memory bounded by the longest payload allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

LIMIT: Final = 999_999  # bytes of a payload
DIGITS: Final = len(str(LIMIT))


class FrameError(Exception):
    """What came is no netstring, or too long a one: where the next one begins is not known any more."""


def encode(payload: bytes) -> bytes:
    return b"%d:%b," % (len(payload), payload)


class Decoder:
    """`feed` gives the payloads that are complete, in their order. After a FrameError it is not to be used again."""

    def __init__(self, limit: int = LIMIT) -> None:
        """`limit` may be changed later; it is never greater than LIMIT."""
        self.limit = limit
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[bytes]:
        """To be read to its end. Raises FrameError, after the payloads before the broken place."""
        buffer = self._buffer
        buffer += received
        start = 0
        try:
            while (begin := self._payload_at(start)) is not None:
                end = begin + int(buffer[start : begin - 1])
                if end >= len(buffer):
                    break
                if buffer[end] != ord(","):
                    raise FrameError("a netstring must end in a comma")
                payload = bytes(buffer[begin:end])
                start = end + 1
                yield payload
        finally:
            del buffer[:start]

    def _payload_at(self, start: int) -> int | None:
        """Where the payload of the netstring that starts here begins; None where its length is not all here yet."""
        colon = self._buffer.find(b":", start, start + DIGITS + 1)
        length = self._buffer[start : colon if colon >= 0 else start + DIGITS + 1]
        if length and not length.isdigit():
            raise FrameError("a netstring must begin with its length in digits")
        if colon < 0:
            if len(length) > DIGITS:
                raise FrameError(f"the length of a netstring is at most {self.limit}")
            return None
        if not length or (length[0] == ord("0") and len(length) > 1):
            raise FrameError("a netstring must begin with its length, without zeros before it")
        if int(length) > self.limit:
            raise FrameError(f"the length of a netstring is at most {self.limit}")
        return colon + 1
