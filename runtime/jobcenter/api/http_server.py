"""The HTTP face on sockets: uvicorn, inside the loop and the process that are there already."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from jobcenter.api.config import Listen

BACKLOG = 1024
STOPPING = 5  # seconds in which open requests may end


class _Quiet(uvicorn.Server):
    """Signals are the business of whoever runs the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """`async with HttpServer(app, listen, most)`. `address` says where it listens. Raises OSError where it cannot."""

    def __init__(self, app: ASGIApp, listen: Listen, most_peers: int) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            log_level="warning",  # of our beginning and end we tell ourselves
            access_log=False,
            ws="none",
            limit_concurrency=most_peers,
            timeout_graceful_shutdown=STOPPING,
            server_header=False,
        )
        if listen.tls is not None:
            tls = listen.tls
            config.ssl_certfile, config.ssl_keyfile = str(tls.certificate), str(tls.key)
            config.load()
            config.ssl = tls.context()
        self._server = _Quiet(config)
        self._socket = _listening(listen)
        self._running: asyncio.Task[None] | None = None

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    async def __aenter__(self) -> HttpServer:
        self._running = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started and not self._running.done():
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.should_exit = True
        if self._running is not None:
            await self._running
        self._socket.close()


def _listening(listen: Listen) -> socket.socket:
    """Of the protocol TCP by name: asyncio switches off the delay of small packets for no other, and an answer is two of them."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((listen.host, listen.port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock
