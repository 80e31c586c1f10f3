"""The port for those who watch: answers by HTTP, whatever is sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobcenter.observe import endpoint
from jobcenter.observe.endpoint import Answer, Endpoint


async def page() -> Answer:
    return Answer.text(HTTPStatus.OK, "here")


def visit(work: Callable[[int], Awaitable[None]]) -> None:
    async def inside() -> None:
        served = Endpoint({"/page": page})
        port = await served.start("127.0.0.1", 0)
        try:
            await work(port)
        finally:
            await served.stop()

    asyncio.run(inside())


async def talk(port: int, request: bytes, *, end: bool = False) -> bytes:
    """All that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    if end:
        writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def asked(method: str, path: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/page", 200, b"here\n"),
        ("GET", "/page?with=query", 200, b"here\n"),
        ("HEAD", "/page", 200, b""),
        ("POST", "/page", 405, b"GET and HEAD only\n"),
        ("GET", "/other", 404, b"here are /page\n"),
    ],
)
def test_answers(method: str, path: str, status: int, body: bytes) -> None:
    async def work(port: int) -> None:
        head, _, content = (await talk(port, asked(method, path))).partition(b"\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ".encode())
        assert content == body
        length = len(b"here\n") if method == "HEAD" else len(body)
        assert f"Content-Length: {length}".encode() in head

    visit(work)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_bears_anything(request: bytes) -> None:
    async def work(port: int) -> None:
        answer = await talk(port, request, end=True)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
        assert (await talk(port, asked("GET", "/page"))).endswith(b"here\n")

    visit(work)


def test_who_says_too_much_or_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "REQUEST_SECONDS", 0.05)

    async def work(port: int) -> None:
        assert await talk(port, b"x" * 2 * endpoint.REQUEST_BYTES, end=True) == b""
        assert await talk(port, b"GET /page HTTP/1.1\r\n") == b""
        assert (await talk(port, asked("GET", "/page"))).endswith(b"here\n")

    visit(work)


def test_a_port_that_is_taken() -> None:
    async def work(port: int) -> None:
        with pytest.raises(OSError, match="address already in use"):
            await Endpoint({}).start("127.0.0.1", port)

    visit(work)
