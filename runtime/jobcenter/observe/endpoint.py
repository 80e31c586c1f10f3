"""The port that a Maestro or worker opens for those who watch it: a few pages by HTTP, and no more of HTTP than they need.

An answer a connection, GET and HEAD only. It runs in the event loop of what it speaks for: one that hangs answers nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

REQUEST_SECONDS: Final = 5.0
REQUEST_BYTES: Final = 16_384
TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    body: bytes
    content_type: str = TEXT

    @classmethod
    def text(cls, status: HTTPStatus, text: str) -> Answer:
        return cls(status, f"{text}\n".encode())

    @classmethod
    def json(cls, status: HTTPStatus, value: object) -> Answer:
        return cls(status, f"{json.dumps(value)}\n".encode(), JSON)


Page: TypeAlias = Callable[[], Awaitable[Answer]]


class Endpoint:
    """`pages` are by path. `start` gives the port, which is a free one where it was to be 0. Raises OSError."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self._pages = pages
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        self._server = await asyncio.start_server(self._serve, host, port, limit=REQUEST_BYTES)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whoever went away, was too slow or said too much is not missed.
        with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            method, path = _request(head)
            answer = await self._answer(method, path)
            writer.write(_response(answer, body=method != "HEAD"))
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _answer(self, method: str, path: str) -> Answer:
        page = self._pages.get(path)
        if page is None:
            return Answer.text(HTTPStatus.NOT_FOUND, f"here are {', '.join(self._pages)}")
        if method not in ("GET", "HEAD"):
            return Answer.text(HTTPStatus.METHOD_NOT_ALLOWED, "GET and HEAD only")
        return await page()


def _request(head: bytes) -> tuple[str, str]:
    """Method and path; empty where it is no HTTP."""
    words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
    return (words[0], words[1].partition("?")[0]) if len(words) == 3 else ("", "")


def _response(answer: Answer, *, body: bool) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
        f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    ).encode()
    return head + answer.body if body else head
